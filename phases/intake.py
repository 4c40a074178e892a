"""Intake: the right module, as an operator sees it, before anything is connected.

Requirements: ID-01, ID-03, ID-04, ME-01, ME-04, ME-05, ME-08, SF-01, PR-06, PR-20.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import Plan

_PERSON = "operator entry"


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Ask the operator for scans, label, weight, torque and the visual checks."""
    del plan
    ask = bench.parts.operator.ask
    ask_number = bench.parts.operator.ask_number
    second = ask("serial_again", "Scan the serial number once more").strip()
    second = second.rpartition(" ")[2]
    judge.expect("serial_match", second == facts.serial, witness="second scan")
    label = ask("label", "Scan the nameplate: model type and serial").strip()
    judge.expect(
        "label_match",
        label == f"HeSU 4K4 PRO {facts.serial}",
        witness="nameplate",
        note=label[:60],
    )
    judge.value(
        "weight_kg",
        ask_number("weight_kg", "Weight on the scale [kg]"),
        uncertainty=0.1,
        witness="scale",
    )
    judge.value(
        "terminal_torque_nm",
        ask_number("torque_nm", "Torque of the terminal screws [Nm]"),
        uncertainty=0.5,
        witness="torque wrench",
    )
    for key, question in (
        ("drawing_check", "Does the module look as in its drawings?"),
        ("power_cable_check", "Power cables and fixture inspected?"),
        ("pack_contents", "Is the package complete?"),
    ):
        judge.expect(key, yes(ask(key, f"{question} [yes/no]")), witness=_PERSON)
    variant = ask("variant", "RUN button on the front or on the side?").strip()
    judge.expect(
        "variant_recorded", variant in ("front", "side"), witness=_PERSON, note=variant
    )


def yes(answer: str) -> bool:
    """Read an operator's yes; everything else is a no."""
    return answer.strip().lower() in ("yes", "y", "ok")
