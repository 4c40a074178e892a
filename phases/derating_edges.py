"""Derating edges: where each row of both tables begins and ends, and what it allows.

All sensors are substituted together and walked over every edge, rising and falling;
what is judged is the limit that the module says on CAN, against the temperature that
the scanning meter measures on a sensor's wires. Then each sensor alone is the coldest
and the hottest. No current flows, so no cut-off acts.
Requirements: TC-01 to TC-09, TD-01 to TD-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from instruments.bench import Bench
from phases.facts import RunFacts
from phases.judge import Judge
from phases.ntc import measure_c, ohm_of, substitute
from phases.operate import CAN_AGE_S, ensure_running
from phases.plan import Plan
from phases.qualification_plan import DeratingEdgesPlan
from phases.staircase import levels

_WITNESS = "scanning meter on the sensor's wires"
_LIMIT_STEP_A = 0.05
_CHANGED_A = 0.3
_LAST_ROW = 6
_LOOK_US = 500_000


@dataclass(frozen=True, slots=True)
class Said:
    """A current limit said on CAN [A] at an emulated temperature [°C]."""

    temperature_c: float
    limit_a: float


@dataclass(slots=True)
class Table:
    """One table: the name of its limit on CAN, its edges, and what its rows said."""

    name: str
    edges_c: Mapping[str, float]
    rows: dict[int, list[float]] = field(default_factory=dict)

    def key(self, row: int) -> str:
        """Name the measurement of a row, or of what lies outside the table."""
        if row == 0:
            return f"{self.name}_below_a"
        if row > _LAST_ROW:
            return f"{self.name}_above_a"
        return f"{self.name}_row{row}_a"


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Walk every edge both ways, then let each sensor decide alone."""
    del facts
    test = plan.derating_edges
    normal_c = plan.temperature.normal_c
    ensure_running(bench)
    tables = (Table("charge", test.charge_c), Table("discharge", test.discharge_c))
    for table in tables:
        for after_row in table.edges_c:
            _walk(bench, judge, test, table, after_row)
    for table in tables:
        _judge_rows(judge, table)
    _set(bench, normal_c, test)
    for channel in range(1, bench.parts.ntc_emulator.channels + 1):
        _judge_alone(bench, judge, test, channel, normal_c)
    for channel in range(1, bench.parts.ntc_emulator.channels + 1):
        bench.parts.ntc_emulator.set_real(channel)
    bench.hold(test.settle_s, _LOOK_US)


def _walk(
    bench: Bench, judge: Judge, test: DeratingEdgesPlan, table: Table, after_row: str
) -> None:
    """Walk over one edge, rising and falling, and judge where the limit changed."""
    edge_c, row = table.edges_c[after_row], int(after_row)
    steps_c = levels(edge_c - test.span_c, edge_c + test.span_c, test.step_c)
    below, above = (row, _row_above(table, row))
    for way, walked_c in (("up", steps_c), ("down", steps_c[::-1])):
        said = [_say(bench, test, table.name, c) for c in walked_c]
        first, last = (below, above) if way == "up" else (above, below)
        table.rows.setdefault(first, []).append(said[0].limit_a)
        table.rows.setdefault(last, []).append(said[-1].limit_a)
        _judge_edge(bench, judge, f"{table.name}_edge{row}_{way}_c", said)


def _row_above(table: Table, row: int) -> int:
    """Name the row above an edge; where an edge cannot be seen two rows are one."""
    return row + 1 if row < _LAST_ROW else _LAST_ROW + 1


def _say(
    bench: Bench, test: DeratingEdgesPlan, name: str, temperature_c: float
) -> Said:
    """Emulate a temperature [°C]; return it as measured, with the limit said."""
    _set(bench, temperature_c, test)
    return Said(measure_c(bench, 1), _limit_a(bench, name))


def _set(bench: Bench, temperature_c: float, test: DeratingEdgesPlan) -> None:
    substitute(bench, temperature_c)
    bench.hold(test.settle_s, _LOOK_US)


def _limit_a(bench: Bench, name: str) -> float:
    return bench.parts.can.state.read_number(f"{name}_current_limit_a", CAN_AGE_S)


def _judge_edge(bench: Bench, judge: Judge, key: str, said: list[Said]) -> None:
    """Judge between which two temperatures the limit left its first value."""
    first = said[0]
    uncertainty_c = bench.config.ntc_emulator.uncertainty_c
    before = first
    for found in said[1:]:
        if abs(found.limit_a - first.limit_a) > _CHANGED_A:
            judge.between(
                key,
                min(before.temperature_c, found.temperature_c),
                max(before.temperature_c, found.temperature_c),
                uncertainty=uncertainty_c,
                witness=_WITNESS,
                note=f"from {first.limit_a:.1f} A to {found.limit_a:.1f} A on CAN",
            )
            return
        before = found
    rising = before.temperature_c > first.temperature_c
    record = judge.at_least if rising else judge.at_most
    record(key, before.temperature_c, uncertainty=uncertainty_c, witness=_WITNESS)


def _judge_rows(judge: Judge, table: Table) -> None:
    """Judge what the rows said at all of their ends."""
    for row, said_a in sorted(table.rows.items()):
        judge.between(
            table.key(row),
            min(said_a),
            max(said_a),
            uncertainty=_LIMIT_STEP_A,
            witness=_WITNESS,
            note=f"{len(said_a)} readings on CAN",
        )


def _judge_alone(
    bench: Bench, judge: Judge, test: DeratingEdgesPlan, channel: int, normal_c: float
) -> None:
    """Let one sensor be the coldest, then the hottest, of all."""
    emulator = bench.parts.ntc_emulator
    for key, temperature_c, name in (
        (f"ntc{channel}_cold_a", test.cold_c, "charge"),
        (f"ntc{channel}_hot_a", test.hot_c, "discharge"),
    ):
        emulator.set_ohm(channel, ohm_of(bench, temperature_c))
        bench.hold(test.settle_s, _LOOK_US)
        judge.value(
            key,
            _limit_a(bench, name),
            uncertainty=_LIMIT_STEP_A,
            witness=_WITNESS,
            note=f"{name} limit at {measure_c(bench, channel):.1f} °C, the others at"
            f" {normal_c:g} °C",
        )
    emulator.set_ohm(channel, ohm_of(bench, normal_c))
    bench.hold(test.settle_s, _LOOK_US)
