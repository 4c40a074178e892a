"""Every input of the station taken away under current: missed in time, never a PASS.

A sample of what `python -m tests.benchmarks.rip_out` does in every energised phase of
every sequence; the table is printed there.
"""

from __future__ import annotations

from functools import cache

import pytest

from instruments.cross_check import CrossCheck
from instruments.sim.faults.plan import FaultPlan
from instruments.sim.faults.points import FaultPoints
from instruments.trace import Sample
from tests.benchmarks.rip_out import (
    DEAD_S,
    INPUTS,
    MODES,
    Case,
    WatchedBench,
    cases_of,
    play,
    rip_out,
    survey,
)

SHORT = "over_current"
OTHERS = {
    "forced_charge": ("module_meter", "supply", "can", "service", "led_reader"),
    "parallel_start": ("shunt_meter", "switchbox"),
}


@cache
def cases(sequence: str) -> tuple[Case, ...]:
    """List a sequence's cases; the survey is a run of its own."""
    return tuple(cases_of(sequence, survey(sequence)))


def of_input(sequence: str, role: str) -> list[Case]:
    """List the cases of one input."""
    return [case for case in cases(sequence) if case.role == role]


def assert_found(case: Case) -> None:
    """Play one case and hold it to its times."""
    found = rip_out(case)
    assert not found.complaints(), f"{found.line()} {found.reason}"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", INPUTS)
def test_input_taken_away_under_over_current_is_missed(role: str, mode: str) -> None:
    """A run goes on, or passes, without one of its inputs."""
    chosen = [case for case in of_input(SHORT, role) if case.mode == mode]
    assert chosen
    assert_found(chosen[len(chosen) // 2 - (role == "supply")])


@pytest.mark.parametrize(
    ("sequence", "role"), [(name, role) for name in OTHERS for role in OTHERS[name]]
)
def test_input_taken_away_in_other_sequences_is_missed(
    sequence: str, role: str
) -> None:
    """A run goes on, or passes, without one of its inputs; the mode rotates."""
    chosen = of_input(sequence, role)
    assert chosen
    assert_found(chosen[INPUTS.index(role) % len(chosen)])


def test_case_is_at_the_same_call_every_time() -> None:
    """A printed case cannot be played again."""
    case = of_input(SHORT, "shunt_meter")[0]
    assert rip_out(case) == rip_out(case)


class Blind(CrossCheck):
    """Compares nothing: each meter is believed by itself."""

    def supply(self, sample: Sample, current_a: float, voltage_v: float) -> None:
        """Believe the shunt."""

    def load(self, sample: Sample, current_a: float, voltage_v: float) -> None:
        """Believe the shunt."""


class BlindBench(WatchedBench):
    """A bench without witnesses of the current."""

    cross_check = Blind


def test_bench_without_witnesses_is_caught() -> None:
    """The rip-out finds nothing wrong with a station that compares nothing."""
    frozen = next(c for c in of_input(SHORT, "supply") if c.mode == "frozen")
    points = FaultPoints(FaultPlan(frozen.kind, "on", frozen.call))
    play(frozen.sequence, points, BlindBench)
    assert points.truth is not None
    known_us = points.log.detectable_us
    assert known_us is not None
    dead_us = points.truth.first_dead_after_us(known_us)
    assert dead_us is None or dead_us - known_us > DEAD_S * 1e6
