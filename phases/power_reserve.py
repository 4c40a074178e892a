"""Power reserve: what a sequence will ask of supply and load, before phase 1.

A source that cannot carry the plan would refuse, trip or limit hours into a run, with
the module in the middle of a protection test. So the greatest voltage, current and
power of each behaviour are held against the ratings of the instruments that answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from instruments.errors import NotProtected
from instruments.parts import BenchParts
from instruments.power_path import RESERVE
from instruments.roles import Ratings
from phases.plan import Plan


@dataclass(frozen=True, slots=True)
class Demand:
    """Greatest current [A] that a behaviour asks for, at its highest voltage [V]."""

    behaviour: str
    current_a: float
    voltage_v: float

    @property
    def power_w(self) -> float:
        """Compute the power [W]."""
        return self.current_a * self.voltage_v


def check_power_reserve(
    behaviours: Iterable[str], plan: Plan, parts: BenchParts
) -> None:
    """Refuse a sequence that needs more than 90 % of a rating; energises nothing.

    Raises:
        NotProtected: supply or load is too small.
    """
    names = tuple(behaviours)
    _check("supply", parts.supply.ratings, names, charge_demands(plan))
    _check("load", parts.load.ratings, names, discharge_demands(plan))


def charge_demands(plan: Plan) -> dict[str, Demand]:
    """List what each behaviour asks of the supply, by behaviour."""
    trip = plan.over_current
    full = plan.full_charge
    top = plan.over_voltage
    forced = plan.forced_charge
    under = plan.under_voltage
    warm = plan.temperature
    ends = plan.hidden_thresholds
    return _by_name(
        Demand("agreement", plan.agreement.current_a, top.stop_v),
        Demand("over_current_charge", trip.stop_a, trip.charge_voltage_v),
        Demand("temperature", warm.current_a, warm.charge_voltage_v),
        Demand("full_charge", max(full.window_a, full.standard_a), full.full_v),
        Demand("over_voltage", max(top.approach_a, top.pulse_a), top.limit_v),
        Demand("under_voltage", under.back_off_a, under.limit_v),
        Demand("forced_charge", forced.accepted_a, forced.voltage_limit_v),
        Demand("parallel_start", plan.parallel_start.charge_a, top.stop_v),
        Demand("shipping", plan.shipping.current_a, plan.shipping.voltage_limit_v),
        Demand("lockout", trip.stop_a, trip.charge_voltage_v),
        Demand("hidden_thresholds", max(trip.stop_a, ends.up_a), ends.top_v),
    )


def discharge_demands(plan: Plan) -> dict[str, Demand]:
    """List what each behaviour asks of the load; the module is full at the most."""
    full_v = plan.full_charge.full_v
    currents_a = {
        "agreement": plan.agreement.current_a,
        "resistance": plan.resistance.current_a,
        "over_current_discharge": plan.over_current.stop_a,
        "temperature": plan.temperature.current_a,
        "capacity": plan.capacity.current_a,
        "over_voltage": plan.over_voltage.back_off_a,
        "under_voltage": plan.under_voltage.approach_a,
        "parallel_start": plan.parallel_start.charge_a,
        "lockout": plan.over_current.stop_a,
        "restart_policy": plan.over_current.stop_a,
        "hidden_thresholds": plan.over_current.stop_a,
    }
    return _by_name(*(Demand(name, a, full_v) for name, a in currents_a.items()))


def _by_name(*demands: Demand) -> dict[str, Demand]:
    return {demand.behaviour: demand for demand in demands}


def _check(
    who: str, ratings: Ratings, names: Iterable[str], demands: Mapping[str, Demand]
) -> None:
    for name in names:
        if name not in demands:
            continue
        demand = demands[name]
        for asked, rated, unit in (
            (demand.current_a, ratings.current_a, "A"),
            (demand.voltage_v, ratings.voltage_v, "V"),
            (demand.power_w, ratings.power_w, "W"),
        ):
            if asked > rated * RESERVE:
                raise NotProtected(
                    who,
                    f"{name} needs {asked:.0f} {unit}, more than 90 % of its rating"
                    f" of {rated:g} {unit}",
                    "nothing was energised; use a larger instrument",
                )
