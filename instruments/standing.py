"""What has to stand while energy flows: safety chain, contactor, source, station.

Each check takes what was read and raises; who reads, and when, is the sampler's.
"""

from __future__ import annotations

from collections.abc import Mapping

from instruments.errors import InstrumentError, SafetyChainOpen

OPEN_A = 1.0
"""Through an open contactor nothing flows; shunt meter's noise and offset included."""
SAFETY_INPUTS = ("estop_ok", "door_ok", "inhibit_ok")
_STOOD_STILL_US = 2_500_000


def check_open(who: str, current_a: float) -> None:
    """Check a current read through the open fixture contactor [A].

    Raises:
        InstrumentError: there is one.
    """
    if abs(current_a) >= OPEN_A:
        raise InstrumentError(
            who,
            f"reads {current_a:.2f} A through the open contactor",
            "its readings stand still, or the fixture contactor is closed; check both",
        )


def dropped_out() -> InstrumentError:
    """Make the error of a fixture contactor that opened by itself."""
    return InstrumentError(
        "fixture contactor",
        "dropped out",
        "check the dead-man relay and its feeding, then start again",
    )


def check_source(who: str, on: bool, tripped: frozenset[str]) -> None:
    """Check that a source which was switched on still is, and latched nothing.

    Raises:
        InstrumentError: off, or a protection latched.
    """
    if tripped:
        raise InstrumentError(
            who,
            f"protection latched: {', '.join(sorted(tripped))}",
            "find the cause before the next run",
        )
    if not on:
        raise InstrumentError(
            who,
            "is off, and nobody switched it off",
            "find out what did before the next run",
        )


def check_pace(late_us: int) -> None:
    """Check that the station itself did not stand still [µs].

    Raises:
        InstrumentError: it did; nobody looked meanwhile, and brackets are too wide.
    """
    if late_us > _STOOD_STILL_US:
        raise InstrumentError(
            "station",
            f"stood still for {late_us / 1e6:.1f} s",
            "find out what held this computer up, then start again",
        )


def check_safety_chain(inputs: Mapping[str, bool]) -> None:
    """Check emergency stop, door and inhibit.

    Raises:
        SafetyChainOpen: one of them is not healthy.
    """
    open_inputs = [name for name in SAFETY_INPUTS if not inputs[name]]
    if open_inputs:
        raise SafetyChainOpen(
            "safety chain",
            f"{', '.join(open_inputs)} not healthy",
            "close the door, release the emergency stop, and start again",
        )
