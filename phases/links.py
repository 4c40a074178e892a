"""The module's links: whether both still speak while the module runs.

A link that dies in the middle of a run is measured once more with the bench dead: still
silent is the module's FAIL, recovered means that the station does not know
(test-plan.md, Definitions). So is a link that repeats itself while the meters move:
once more it is held against a small current, and repeats itself again or follows.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import RepeatedReading, ServiceLinkError
from phases.judge import Judge
from phases.operate import can_is_fresh, is_running, wait_for_can

_LISTEN_S = 4.0
_STEP_A = 6.0
_STEP_S = 6.0
_MIDDLE_V = 52.0
_CHARGE_V = 56.0


def judge_links(bench: Bench, judge: Judge) -> bool:
    """Judge both links of a running module; return whether both speak."""
    can_alive = wait_for_can(bench, _LISTEN_S) and can_is_fresh(bench)
    silent = bench.parts.can.silent_ids()
    service_alive = _answers(bench)
    judge.expect(
        "links_can_alive",
        can_alive and not silent,
        witness="CAN adapter",
        note=", ".join(f"0x{can_id:03X} silent" for can_id in silent),
    )
    judge.expect("links_service_alive", service_alive, witness="service adapter")
    return can_alive and not silent and service_alive


def judge_following(bench: Bench, judge: Judge) -> bool:
    """Judge whether what a running module says follows a small current.

    The current flows away from the end that the module stands nearer to.
    """
    if not is_running(bench):
        return True
    try:
        if bench.sample().module_v > _MIDDLE_V:
            bench.discharge(_STEP_A)
        else:
            bench.charge(_STEP_A, _CHARGE_V)
        bench.hold(_STEP_S)
    except RepeatedReading as error:
        judge.expect("links_follow", False, witness="shunt meter", note=str(error))
        return False
    finally:
        bench.disconnect()
    return True


def _answers(bench: Bench) -> bool:
    try:
        bench.parts.service.read_block("main")
    except ServiceLinkError:
        return False
    return True
