"""The staircase on a module that opens by a rule of its own."""

from __future__ import annotations

import pytest

from instruments.bench import Edge
from instruments.trace import Sample
from phases.climb import Climb, conducts
from phases.staircase import Staircase, climb, levels

_STEP_US = 50_000


class FakeBench:
    """A bench whose module opens `delay_us` after the level passes `threshold`."""

    def __init__(self, threshold: float, delay_us: int = 1_000_000) -> None:
        self.threshold = threshold
        self.delay_us = delay_us
        self.now_us = 0
        self.level = 0.0
        self.above_since_us: int | None = None
        self.sampler = self
        self.last: Sample | None = None

    def set_level(self, level: float) -> tuple[int, int]:
        """Change the level; the timer runs on while it stays above."""
        before_us = self.now_us
        self.now_us += 10_000
        self.level = level
        if level < self.threshold:
            self.above_since_us = None
        elif self.above_since_us is None:
            self.above_since_us = self.now_us
        return before_us, self.now_us

    def sample(self) -> Sample:
        """Look at level and current."""
        since = self.above_since_us
        opened = since is not None and self.now_us - since >= self.delay_us
        current_a = 0.0 if opened else self.level
        self.last = Sample(self.now_us, self.level, self.now_us, current_a)
        return self.last

    def wait_until(self, condition, timeout_s, period_us=None):  # noqa: ANN001, ANN201
        """Sample as the bench does."""
        deadline_us = self.now_us + round(timeout_s * 1e6)
        before = None
        while True:
            sample = self.sample()
            if condition(sample):
                return Edge(before or sample, sample)
            before = sample
            if self.now_us >= deadline_us:
                return None
            self.now_us += period_us or _STEP_US


def climbed(bench: FakeBench, steps: tuple[float, ...], dwell_s: float = 3.0) -> Climb:
    """Climb with the fake's own set_level."""
    return climb(bench, stairs(bench, steps, dwell_s))  # type: ignore[arg-type]


def stairs(
    bench: FakeBench,
    steps: tuple[float, ...],
    dwell_s: float,
    *,
    lowest: float | None = None,
) -> Staircase:
    """Describe a staircase that backs off to `lowest`, or stays."""

    def back(level: float) -> Edge | None:
        del level
        if lowest is not None:
            bench.set_level(lowest)
        return bench.wait_until(lambda s: not conducts(s), 0.5, _STEP_US)

    return Staircase(
        steps=steps,
        set_level=bench.set_level,
        dwell_s=dwell_s,
        period_us=_STEP_US,
        back_off=back,
    )


@pytest.mark.parametrize(
    ("start", "stop", "step", "found"),
    [
        (1.0, 2.0, 0.5, (1.0, 1.5, 2.0)),
        (1.0, 2.1, 0.5, (1.0, 1.5, 2.0, 2.1)),
        (2.0, 1.0, 0.5, (2.0, 1.5, 1.0)),
        (-7.0, -8.0, 0.5, (-7.0, -7.5, -8.0)),
        (58.5, 59.2, 0.05, tuple(round(58.5 + 0.05 * k, 6) for k in range(15))),
        (1.0, 1.0, 0.5, (1.0,)),
    ],
)
def test_levels_meet_the_stop_and_never_pass_it(
    start: float, stop: float, step: float, found: tuple[float, ...]
) -> None:
    """A staircase ends short of the limit, or goes past it."""
    assert levels(start, stop, step) == pytest.approx(found)


def test_level_and_delay_come_from_one_climb() -> None:
    """The trip is attributed to another step, or its delay to another edge."""
    found = climbed(FakeBench(12.5), (11.0, 12.0, 13.0, 14.0))
    assert (found.level_before, found.level) == (12.0, 13.0)
    low, high = found.delay_s()
    assert low <= 1.0 <= high
    assert high - low < 0.15


def test_trip_at_the_first_level_has_no_level_before() -> None:
    """A trip below the staircase is recorded as if a step had been held below it."""
    found = climbed(FakeBench(5.0), (11.0, 12.0))
    assert found.level_before is None
    assert found.before is None
    assert found.level == 11.0


def test_trip_that_does_not_come_ends_at_the_highest_level_held() -> None:
    """A missing trip is recorded at a level that was never held."""
    found = climbed(FakeBench(99.0), (11.0, 12.0))
    assert found.opened is None
    assert found.level == 12.0
    with pytest.raises(ValueError, match="no opening"):
        found.delay_s()


def test_last_sample_still_conducted() -> None:
    """The trip level is taken from a sample behind the open contactor."""
    found = climbed(FakeBench(12.5), (11.0, 12.0, 13.0))
    assert conducts(found.last)
    assert found.opened is not None
    assert not conducts(found.opened.after)


def test_delay_longer_than_a_whole_step_begins_anew_after_the_back_off() -> None:
    """A timer runs on between steps; its end is taken for a quick trip."""
    bench = FakeBench(12.5, delay_us=8_000_000)
    found = climb(
        bench,  # type: ignore[arg-type]
        stairs(bench, (11.0, 12.0, 13.0, 14.0), 3.0, lowest=10.0),
    )
    assert found.opened is None


def test_what_opens_in_the_back_off_belongs_to_the_step_before() -> None:
    """A late opening is counted from an edge that came after it."""
    bench = FakeBench(12.5, delay_us=3_200_000)
    found = climb(
        bench,  # type: ignore[arg-type]
        stairs(bench, (11.0, 12.0, 13.0, 14.0), 3.0),
    )
    assert found.level == 13.0
    assert found.delay_s()[1] >= 3.0


@pytest.mark.parametrize(("current_a", "flows"), [(0.4, False), (-0.6, True)])
def test_both_directions_conduct(current_a: float, flows: bool) -> None:
    """A discharge is taken for an open contactor."""
    assert conducts(Sample(0, 50.0, 0, current_a)) is flows
