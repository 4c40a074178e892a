"""Every behaviour that a sequence can hold: its name, its tables, what it needs.

One behaviour has one name: here, in the limit file, in the module's model and as the
prefix of its result keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from instruments.bench import Bench
from limits.limit import Limit
from limits.limit_set import LimitSet
from phases import (
    agreement,
    capacity,
    dead_terminals,
    derating_edges,
    efficiency,
    forced_charge,
    full_charge,
    hidden_thresholds,
    identity,
    intake,
    lockout,
    off_state,
    over_current,
    over_voltage,
    parallel_start,
    polarity,
    ports,
    resistance,
    restart_policy,
    shipping,
    start_up,
    temperature,
    under_voltage,
)
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import Plan

Run = Callable[[Bench, Judge, Plan, RunFacts], None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One step of a sequence.

    `tables` are the limit tables that it judges (by default the one of its own name),
    `later` names limits of those tables that make_safe judges at the end, and
    `expected_s` is its usual bench time [s], for the progress bar.
    """

    name: str
    run: Run
    expected_s: float
    tables: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def owed(self, limits: LimitSet) -> tuple[Limit, ...]:
        """List the limits that this behaviour has to judge."""
        return tuple(
            limit
            for table in (self.tables or (self.name,))
            for limit in limits.for_behaviour(table)
            if limit.name not in self.later
        )


BEHAVIOURS: dict[str, Behaviour] = {
    behaviour.name: behaviour
    for behaviour in (
        Behaviour("intake", intake.run, 1),
        Behaviour(
            "dead_terminals",
            dead_terminals.run,
            7,
            ("safety_chain", "dead_terminals"),
            dead_terminals.OWED_AT_END,
        ),
        Behaviour("polarity", polarity.run, 1),
        Behaviour("start_up", start_up.run, 12),
        Behaviour("identity", identity.run, 8),
        Behaviour("ports", ports.run, 35),
        Behaviour("agreement", agreement.run, 40),
        Behaviour("resistance", resistance.run, 45),
        Behaviour("over_current_charge", over_current.run_charge, 60),
        Behaviour("over_current_discharge", over_current.run_discharge, 60),
        Behaviour("temperature", temperature.run, 900),
        Behaviour("full_charge", full_charge.run, 4200),
        Behaviour(
            "over_voltage", over_voltage.run, 1300, ("over_voltage", "fault_page")
        ),
        Behaviour("capacity", capacity.run, 7400, ("capacity", "led_band")),
        Behaviour("under_voltage", under_voltage.run, 900),
        Behaviour("forced_charge", forced_charge.run, 900),
        Behaviour("parallel_start", parallel_start.run, 6000),
        Behaviour("shipping", shipping.run, 1800),
        Behaviour("efficiency", efficiency.run, 1),
        Behaviour("lockout", lockout.run, 7600),
        Behaviour("derating_edges", derating_edges.run, 1200),
        Behaviour("restart_policy", restart_policy.run, 480_000),
        Behaviour("hidden_thresholds", hidden_thresholds.run, 15_000),
        Behaviour("off_state", off_state.run, 14),
    )
}
