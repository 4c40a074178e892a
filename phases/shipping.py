"""Shipping state: charge to 47.5 % of the measured usable charge, by the own shunt.

Counted from the last anchor, 49.5 V at 43 A. On the way the LED bar is looked at on
both sides of the edge at 32 % and above it, where the said SOC jumps in a discharge
(C08).
Requirements: ST-01, LD-05, LD-06.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import PreconditionNotMet
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running, read_bar, read_charge_limit_a, said
from phases.plan import Plan

_SHUNT = "shunt meter"
_BANDS = (
    (31.2, "band_31_count"),
    (32.8, "band_33_count"),
    (43.0, "band_43_count"),
)
"""The register has steps of 0.4 %: the true SOC lies up to 0.2 % below."""
_TIMEOUT_S = 3600.0


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
        for from_pct, key in _BANDS:
            _look_at_band(bench, judge, goal_ah, from_pct, key)
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


def _look_at_band(
    bench: Bench, judge: Judge, goal_ah: float, from_pct: float, key: str
) -> None:
    """Charge until the module says a state of charge, and count its lit LEDs.

    Nothing is to be seen on a module that says more from the beginning.
    """
    if said(bench, "soc_pct") >= from_pct:
        return
    bench.wait_until(
        lambda _: said(bench, "soc_pct") >= from_pct or bench.tally().net_ah >= goal_ah,
        _TIMEOUT_S,
    )
    bar, soc_pct = read_bar(bench), said(bench, "soc_pct")
    judge.expect(
        key,
        bar.leds.count("blue"),
        witness="LED reader",
        note=f"at SOC {soc_pct:.1f} % said",
    )
