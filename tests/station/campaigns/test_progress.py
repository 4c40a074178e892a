"""Progress: lines for a log file, nothing that grows."""

from __future__ import annotations

from io import StringIO

from station.campaigns.count import Count
from station.campaigns.progress import CampaignProgress


def test_last_line_tells_all() -> None:
    """A night's log would not say what the campaign found."""
    stream = StringIO()
    with CampaignProgress(10, 4, stream) as progress:
        for runs in range(5, 11):
            progress.show(Count(runs, escaped=2, false_failed=1, errors=3))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("10/10 runs, ")
    assert lines[0].endswith("2 escaped, 1 false fails, 3 errors")
