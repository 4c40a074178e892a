"""Who plays a campaign: options that contradict each other, and the crew they name."""

from __future__ import annotations

import pytest

from station.crew_options import check_crew, crew_maker
from station.errors import BadOption


def test_workers_of_a_scheduler_are_its_own() -> None:
    """A number of workers would be dropped without a word."""
    check_crew("tcp://a:1", None)
    check_crew(None, 2)
    with pytest.raises(BadOption, match="the workers of --scheduler are its own"):
        check_crew("tcp://a:1", 2)


def test_scheduler_that_is_named_is_asked() -> None:
    """Runs would be played here, and nobody would see it."""
    pytest.importorskip("distributed")
    make_crew = crew_maker("campaign", "nowhere", None)
    with pytest.raises(BadOption, match="nowhere: does not answer"), make_crew("0"):
        pass
