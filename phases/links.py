"""The module's links: whether both still speak while the module runs.

A link that dies in the middle of a run is measured once more with the bench dead: still
silent is the module's FAIL, recovered means that the station does not know
(test-plan.md, Definitions).
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import ServiceLinkError
from phases.judge import Judge
from phases.operate import can_is_fresh, wait_for_can

_LISTEN_S = 4.0


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


def _answers(bench: Bench) -> bool:
    try:
        bench.parts.service.read_block("main")
    except ServiceLinkError:
        return False
    return True
