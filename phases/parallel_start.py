"""Parallel start: the 2 V rule both ways, loss of the master, both shutdown roles.

As slave behind a reference master: 2.2 V is refused, about 2 Ah later 1.8 V is
accepted, both through the 0.1 ohm link. Then the master is lost and shut down. As
master: RS485 on port A, slaves counted, RUN off at once. Bars are never joined
directly. Requirements: PR-04, PR-08, PR-11, PR-12, PR-13, PR-14, PR-16, PR-17, PR-18,
PR-21, PR-24, AL-09, AL-10, LD-14, LD-15, PR-09.
"""

from __future__ import annotations

from instruments.bench import FINE_US, Bench
from instruments.errors import PreconditionNotMet
from phases.chain import judge_as_master, judge_lost_master, judge_shutdown
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import (
    SHORT_PRESS_S,
    can_is_fresh,
    demand_can,
    ensure_running,
    press,
    read_fault_page,
    shut_down,
)
from phases.peers import Role, peer_voltage_v, set_role, start_peer
from phases.plan import ParallelStartPlan, Plan

_METER = "terminal meters"
_SLOPES_V_PER_AH = (0.1, 1.5)
_LEAST_AH = 0.1
_CLOSE_V = 0.05
_LOOKS = 10
_ATTEMPT_S = 12.0
_VOLTAGE_LIMIT_V = 56.0
_LINKED_A = 1.0
_IMBALANCE_BIT = 15


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Walk through both roles; leave the module dead, alone and parted."""
    del facts
    test = plan.parallel_start
    ensure_running(bench)
    start_peer(bench, "peer1")
    refused_v = _approach(bench, test, test.refused_difference_v)
    _judge_refused(bench, judge, refused_v)
    ensure_running(bench)
    accepted_v = _approach(bench, test, test.accepted_difference_v)
    if _judge_accepted(bench, judge, accepted_v):
        judge_lost_master(bench, judge)
        judge_shutdown(bench, judge)
    bench.part_peers()
    shut_down(bench)
    judge_as_master(bench, judge)
    set_role(bench, Role.STAND_ALONE)


def _approach(bench: Bench, test: ParallelStartPlan, wanted_v: float) -> float:
    """Bring the module to a voltage difference to the peer [V]; return it at rest.

    The slope of voltage over charge is learned from each move.
    """
    slope_v_per_ah = test.slope_v_per_ah
    difference_v = _difference_v(bench, test)
    for _ in range(_LOOKS):
        missing_v = difference_v - wanted_v
        if abs(missing_v) <= _CLOSE_V:
            break
        amount_ah = max(_LEAST_AH, abs(missing_v) / slope_v_per_ah)
        _move(bench, test, amount_ah, charge=missing_v > 0.0)
        before_v, difference_v = difference_v, _difference_v(bench, test)
        learned = abs(before_v - difference_v) / amount_ah
        slope_v_per_ah = min(max(learned, _SLOPES_V_PER_AH[0]), _SLOPES_V_PER_AH[1])
    return difference_v


def _difference_v(bench: Bench, test: ParallelStartPlan) -> float:
    """Measure the peer's voltage over the module's, both at rest [V]."""
    bench.hold(test.rest_s, 20_000_000)
    difference_v = peer_voltage_v(bench, "peer1") - bench.sample().module_v
    bench.note(f"difference_v={difference_v:.3f}")
    return difference_v


def _move(
    bench: Bench, test: ParallelStartPlan, amount_ah: float, charge: bool
) -> None:
    """Charge or discharge a small amount [Ah]."""
    start_ah = bench.tally().net_ah
    if charge:
        bench.charge(test.charge_a, _VOLTAGE_LIMIT_V)
    else:
        bench.discharge(test.charge_a)
    bench.wait_until(
        lambda _: abs(bench.tally().net_ah - start_ah) >= amount_ah, test.timeout_s
    )
    bench.disconnect()


def _press_as_slave(bench: Bench) -> float:
    """Restart the module as a slave behind the link; return the largest current [A]."""
    if not demand_can(bench):
        raise PreconditionNotMet("module", "stopped at rest", "look at its LED bar")
    shut_down(bench)
    set_role(bench, Role.SLAVE)
    bench.join_peer("peer1_contactor")
    press(bench, SHORT_PRESS_S)
    found = bench.wait_until(
        lambda s: abs(s.current_a) >= _LINKED_A, _ATTEMPT_S, FINE_US
    )
    last = bench.sample()
    return abs(found.after.current_a) if found else abs(last.current_a)


def _judge_refused(bench: Bench, judge: Judge, difference_v: float) -> None:
    _judge_difference(bench, judge, "refused_difference_v", difference_v)
    largest_a = _press_as_slave(bench)
    judge.value(
        "refused_pulse_a",
        largest_a,
        uncertainty=bench.config.shunt_meter.uncertainty.of(largest_a),
        witness="shunt meter",
    )
    judge.expect("refused", largest_a < _LINKED_A, witness="shunt meter")
    judge.expect("dip_after_restart", not can_is_fresh(bench), witness="CAN adapter")
    said = int(bench.parts.service.read("slaves_online"))
    judge.expect(
        "imbalance_flag",
        bool(said >> _IMBALANCE_BIT & 1),
        witness=_METER,
        note=f"register 79 = 0x{said:04X}",
    )
    judge.expect("refused_led_page", read_fault_page(bench), witness="LED reader")
    bench.part_peers()
    shut_down(bench)
    set_role(bench, Role.STAND_ALONE)


def _judge_difference(
    bench: Bench, judge: Judge, key: str, difference_v: float
) -> None:
    """Judge the difference that was set, before anything is linked at it.

    Raises:
        PreconditionNotMet: it lies outside its limits, so nothing is pressed.
    """
    volts = bench.config.module_meter.uncertainty
    soc_pct = bench.parts.service.read("soc_pct")
    if not judge.value(
        key,
        difference_v,
        uncertainty=2.0 * volts.of(50.0),
        witness=_METER,
        note=f"at rest before the press; SOC {soc_pct:.1f} % said",
    ):
        raise PreconditionNotMet(
            "peer",
            f"{difference_v:.3f} V to the peer could not be set right",
            "look at module and peer; no start was tried",
        )


def _judge_accepted(bench: Bench, judge: Judge, difference_v: float) -> bool:
    _judge_difference(bench, judge, "accepted_difference_v", difference_v)
    current_a = _press_as_slave(bench)
    return judge.expect(
        "accepted",
        current_a >= _LINKED_A,
        witness="shunt meter",
        note=f"{current_a:.1f} A through the link",
    )
