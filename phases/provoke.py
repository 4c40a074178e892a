"""Provoke a trip that `eol` has judged; what counts is what the module does then."""

from __future__ import annotations

from instruments.bench import FINE_US, SAMPLE_US, Bench
from phases.climb import stopped
from phases.facts import RunFacts
from phases.ntc import substitute
from phases.operate import DEAD_V, shut_down, start
from phases.plan import Plan

CHARGE = "charge"
DISCHARGE = "discharge"
_DEAD_S = 5.0


def trip_by_current(
    bench: Bench, plan: Plan, facts: RunFacts, way: str
) -> float | None:
    """Let the over-current protection act; return when it opened [s], or None.

    The current is above the upper limit of the trip, one edge and no staircase; it
    flows for no longer than a step of `eol` does. Afterwards the bench is disconnected.
    """
    test = plan.over_current
    if way == CHARGE:
        bench.charge(test.stop_a, test.charge_voltage_v)
    else:
        bench.discharge(test.stop_a)
    opened = bench.wait_until(stopped, test.dwell_s, FINE_US)
    bench.disconnect()
    if opened is None or not is_dead(bench):
        return None
    facts.trips += 1
    return opened.after.t_a_us / 1e6


def trip_by_temperature(
    bench: Bench, plan: Plan, way: str, temperature_c: float
) -> bool:
    """Let a temperature cut-off act; return whether it opened the contactor.

    The sensors stay at the temperature [°C]; the bench is disconnected.
    """
    test = plan.temperature
    substitute(bench, temperature_c)
    if way == CHARGE:
        bench.charge(test.current_a, test.charge_voltage_v)
    else:
        bench.discharge(test.current_a)
    opened = bench.wait_until(stopped, plan.hidden_thresholds.trip_timeout_s, SAMPLE_US)
    bench.disconnect()
    return opened is not None and is_dead(bench)


def is_dead(bench: Bench) -> bool:
    """Wait until the terminals carry no voltage; return whether they went dead."""
    return (
        bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, _DEAD_S, 500_000)
        is not None
    )


def restart_by_hand(bench: Bench) -> bool:
    """Press for five seconds, then for one; return whether the module runs."""
    shut_down(bench)
    return start(bench)
