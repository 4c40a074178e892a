"""Efficiency: watt-hours out over in, over the same 20 Ah at 43 A both ways.

Both passes were made anyway; nothing is energised here. Requirements: EL-17.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import PreconditionNotMet
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import Plan


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Divide the energies of the two passes, per ampere-hour of each."""
    charged, discharged = facts.window_charge, facts.window_discharge
    if charged is None or discharged is None:
        raise PreconditionNotMet(
            "efficiency",
            "one of the two passes did not cover the 20 Ah window",
            "begin with a module below 75 % SOC",
        )
    charge_v = charged.net_wh / charged.net_ah
    discharge_v = discharged.net_wh / discharged.net_ah
    efficiency_pct = 100.0 * discharge_v / charge_v
    volts = bench.config.module_meter.uncertainty
    share_pct = 100.0 * 2.0 * volts.offset / charge_v
    judge.value(
        "pct",
        efficiency_pct,
        uncertainty=share_pct,
        witness="terminal meter and shunt meter",
        note=f"{plan.full_charge.window_ah:g} Ah at {plan.full_charge.window_a:g} A, "
        f"{charge_v:.3f} V in, {discharge_v:.3f} V out",
    )
