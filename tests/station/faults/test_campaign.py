"""A sampled campaign over the short sequences: nothing is broken, every kind acts."""

from __future__ import annotations

from station.faults.campaign import Order, plan_campaign, run_campaign
from station.faults.parts import StationParts
from station.faults.report import broken_lines, idle
from station.faults_commands import SHORT_SEQUENCES

SAMPLE = 152
"""One case for every sequence, kind and duration."""


def test_sampled_campaign() -> None:
    """The bench would stay alive, or a bad module pass, when something breaks."""
    parts = StationParts()
    order = Order(SHORT_SEQUENCES, sample=SAMPLE, jobs=2, seed=1)
    campaign = plan_campaign(order, parts)
    run_campaign(campaign, parts, lambda *_: None)
    assert len(campaign.results) == SAMPLE
    assert list(broken_lines(campaign)) == []
    # A kind or a seam without effect would be counted and test nothing.
    assert idle(campaign) == []
