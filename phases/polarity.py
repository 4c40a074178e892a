"""Polarity and contact: the fixture's leads, before the contactor closes.

Contact resistance and polarity are measured at low current by the scanning meter on the
Kelvin contacts; insulation and bonding are measured upstream, and their record's id is
asked for. Requirements: EL-28.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.plan import Plan


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Measure contact resistance and its sign; ask for the insulation record."""
    del plan, facts
    table = bench.config.scan_meter
    contact_mohm = bench.parts.scan_meter.measure(("contact_mohm",))["contact_mohm"]
    judge.expect("ok", contact_mohm > 0.0, witness="scanning meter")
    judge.value(
        "contact_mohm",
        abs(contact_mohm),
        uncertainty=abs(contact_mohm) * table.resistance_gain_pct / 100.0 + 0.02,
        witness="scanning meter",
    )
    record = bench.parts.operator.ask(
        "insulation_record", "Record id of the insulation and bonding test"
    ).strip()
    judge.expect(
        "insulation_upstream", bool(record), witness="upstream record", note=record[:60]
    )
