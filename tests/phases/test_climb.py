"""An opening is told from a source that has not risen yet, and from a dying current."""

from __future__ import annotations

from typing import cast

import pytest

from instruments.bench import Bench
from instruments.errors import PreconditionNotMet
from instruments.trace import Sample
from phases.climb import Flow, check_abrupt

_STEP_US = 60_000


class Looks:
    """Stands for a bench of which only the last sample is asked."""

    def __init__(self, last: Sample | None) -> None:
        self.sampler = self
        self.last = last


def flow_after(last: Sample | None, *, flowing: bool = False) -> Flow:
    """Watch from after a sample."""
    return Flow(cast("Bench", Looks(last)), flowing=flowing)


def look(step: int, current_a: float) -> Sample:
    """Take the n-th look."""
    return Sample(step * _STEP_US, 55.0, step * _STEP_US, current_a)


def test_source_that_rises_slowly_is_no_opening() -> None:
    """The first looks after a switch-on end the climb as a trip."""
    flow = flow_after(look(0, -30.0))
    currents = [0.0, 0.0, 0.1, 0.3, 0.6, 5.0]
    assert not any(flow.stopped(look(n + 1, a)) for n, a in enumerate(currents))
    assert flow.flowing
    assert flow.stopped(look(8, 0.0))
    assert flow.edge is not None
    assert (flow.edge.before, flow.edge.after) == (look(6, 5.0), look(8, 0.0))


def test_source_that_never_rises_shows_an_open_module_in_time() -> None:
    """A module that opened while the sources changed is waited for without end."""
    last = look(0, -30.0)
    flow = flow_after(last)
    stopped = next(n for n in range(1, 100) if flow.stopped(look(n, 0.0)))
    assert 1.0 <= stopped * _STEP_US / 1e6 <= 1.2
    assert flow.edge is not None
    assert (flow.edge.before, flow.edge.after) == (last, look(1, 0.0))


def test_current_that_flows_already_stops_at_the_first_look_without() -> None:
    """An opening is seen a second late."""
    flow = flow_after(look(0, 5.0), flowing=True)
    assert flow.stopped(look(1, 0.0))


def test_current_that_died_away_is_no_opening() -> None:
    """A source that was turned down is taken for a trip."""
    flow = flow_after(look(0, 0.9), flowing=True)
    assert flow.stopped(look(1, 0.0))
    assert flow.edge is not None
    with pytest.raises(PreconditionNotMet, match="died away"):
        check_abrupt(flow.edge, look(0, 0.9))
