"""Every input of the station taken away under current: missed in time, never a PASS.

A sample of what `python -m tests.benchmarks.rip_out` does in every energised phase of
every sequence; the table is printed there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from instruments.cross_check import CrossCheck
from instruments.sim.faults.call import BenchState
from instruments.sim.faults.log import AlteredReply
from instruments.trace import Sample
from tests.benchmarks.rip_out import (
    COMBINATIONS,
    INPUTS,
    Case,
    Found,
    WatchedBench,
    cases_of,
    rip_out,
    survey,
)
from tests.benchmarks.wrong_replies import is_wrong

SHORT = "over_current"
REST = BenchState("off_state", False, False, False, True)
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


@pytest.mark.parametrize(("role", "mode"), COMBINATIONS)
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
    found = rip_out(frozen, BlindBench)
    assert any("dead after" in complaint for complaint in found.complaints())


CASE = Case("over_current", "over_current_charge", "module_meter", "frozen", 1)
UNNOTICED = Found(CASE, "PASS", "", effects=7, wrong=3, found_s=None, dead_s=None)

LOST = replace(UNNOTICED, case=replace(CASE, mode="stale"), outcome="ERROR")


@pytest.mark.parametrize(
    ("found", "complaints"),
    [
        (UNNOTICED, ["PASS on 3 wrong replies"]),
        (replace(UNNOTICED, wrong=0), []),
        (replace(UNNOTICED, effects=0, wrong=0), ["no effect"]),
        (replace(UNNOTICED, outcome="ERROR"), []),
        (
            replace(UNNOTICED, outcome="ERROR", found_s=0.1, dead_s=3.01),
            ["dead after 3.01 s, allowed 3 s"],
        ),
        (
            replace(LOST, found_s=0.7, dead_s=0.9),
            ["found after 0.70 s, allowed 0.6 s"],
        ),
        (replace(LOST, found_s=9.0, dead_s=0.5), []),
        (replace(LOST, outcome="PASS"), ["PASS on 3 wrong replies"]),
    ],
)
def test_complaint_does_not_wait_until_something_was_noticed(
    found: Found, complaints: list[str]
) -> None:
    """A run could pass on wrong replies because nobody ever missed them."""
    assert found.complaints() == complaints
    assert ("true as far as used" in found.line()) == (
        not complaints and not found.wrong
    )


@pytest.mark.parametrize(
    ("role", "given", "state", "wrong"),
    [
        ("load", b"46.2;0.01;OFF;0\n", REST, False),
        ("load", b"46.2;0.01;OFF;0\n", replace(REST, fixture_closed=True), True),
        ("load", b"46.2;0.01;OFF;0\n", replace(REST, load_on=True), True),
        ("load", b"5.4;0.01;ON;0\n", REST, True),
        ("load", b"5.4;1.50;OFF;0\n", REST, True),
        ("load", b"", REST, True),
        ("supply", b"46.2;0.01;OFF;0\n", REST, False),
        ("module_meter", b"5.5;0.01;OFF;0\n", REST, False),
        ("module_meter", b"46.2;0.01;OFF;0\n", REST, True),
    ],
)
def test_reply_is_wrong_where_its_use_would_be(
    role: str, given: bytes, state: BenchState, wrong: bool
) -> None:
    """A false PASS would be excused, or a true value called false."""
    message = b"MEAS:VOLT?;:MEAS:CURR?;:LOAD?;:LOAD:PROT?\n"
    reply = AlteredReply(1, 0, role, message, b"5.4;0.01;OFF;0\n", given)
    assert is_wrong(reply, state) is wrong
