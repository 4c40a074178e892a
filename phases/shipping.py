"""Shipping state: charge to 47.5 % of the measured usable charge, by the own shunt.

Counted from the last anchor, 49.5 V at 43 A. Requirements: ST-01.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import PreconditionNotMet
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running, read_charge_limit_a
from phases.plan import Plan

_SHUNT = "shunt meter"


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Charge at the CAN limit to the shipping SOC and judge mean and uncertainty."""
    empty, usable_ah = facts.empty, facts.usable_ah
    if empty is None or usable_ah is None:
        raise PreconditionNotMet(
            "shipping", "no measured capacity to refer to", "run the whole sequence"
        )
    test = plan.shipping
    ensure_running(bench)
    goal_ah = empty.net_ah + usable_ah * test.target_pct / 100.0
    limit_a = read_charge_limit_a(bench)
    if limit_a > 0.0:
        bench.charge(min(limit_a, test.current_a), test.voltage_limit_v)
        bench.wait_until(lambda _: bench.tally().net_ah >= goal_ah, test.timeout_s)
        bench.disconnect()
    since = bench.tally().since(empty)
    soc_pct = 100.0 * since.net_ah / usable_ah
    amps = bench.config.shunt_meter.uncertainty
    counted_ah = (since.in_ah + since.out_ah) * amps.gain_pct / 100.0
    drift_ah = amps.offset * since.t_us / 3_600e6
    relative = facts.usable_uncertainty_ah / usable_ah * soc_pct
    own_pct = 100.0 * (counted_ah**2 + drift_ah**2) ** 0.5 / usable_ah
    judge.value(
        "soc_pct",
        soc_pct,
        uncertainty=(own_pct**2 + relative**2) ** 0.5,
        witness=_SHUNT,
        note=f"{since.net_ah:.3f} Ah above 49.5 V / 43 A, of {usable_ah:.3f} Ah",
    )
