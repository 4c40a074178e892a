"""Recompute what a whole `eol` run found from its two files alone.

    python independent_evaluation.py vi.csv can.log [REFERENCE_C AH_PER_K]

Reads V/I trace and CAN log (candump form), uses the standard library and nothing
of the station, and prints as JSON an interval for each quantity, named as in the
record. Trips are found where the current stops although no event took the source away.
REFERENCE_C and AH_PER_K are the temperature [°C] to which charge is corrected and by
how much a kelvin [Ah/K]; without them charge stays as it was counted.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CONDUCTS_A = 0.8
"""Below this the module's contactor carries nothing [A]."""
EXCHANGE_S = 0.06
"""An event is written once its command was answered: it began this much earlier [s].
Four exchanges of 15 ms set the four emulated temperatures."""
GAP_S = 2.0
"""Nothing is counted over a gap in sampling: sources off, contactor open [s]."""
SETTLED = 0.95
"""A source below this share of its current limit regulates voltage."""
FULL_V, FULL_A = 54.5, 10.0
EMPTY_V, RATE_A = 49.5, 43.0
WINDOW_FROM_AH, WINDOW_AH = 0.5, 20.0

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sample:
    """A row of readings: both times [s], volts at the module, amperes into it."""

    v_s: float
    volt: float
    a_s: float
    amp: float


@dataclass(frozen=True, slots=True)
class Event:
    """A row that says what was set or switched, and when [s]."""

    at_s: float
    text: str

    def number(self, name: str) -> float | None:
        """Read `name=number` out of the text."""
        found = re.search(rf"\b{name}=(-?[0-9.]+)", self.text)
        return float(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of the CAN log."""

    at_s: float
    can_id: int
    data: bytes


Row = Sample | Event


def read_rows(path: Path) -> list[Row]:
    """Read the V/I trace in its order."""
    rows: list[Row] = []
    with path.open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            if row["event"]:
                rows.append(Event(float(row["t_s"]), row["event"]))
            else:
                numbers = (row["t_s"], row["module_v"])
                more = (row["t_current_s"], row["current_a"])
                rows.append(Sample(*map(float, (*numbers, *more))))
    return rows


def read_frames(path: Path) -> list[Frame]:
    """Read the CAN log: `(seconds) channel id#data`."""
    frames = []
    for line in path.read_text(encoding="ascii").splitlines():
        stamp, _, frame = line.split()
        can_id, _, data = frame.partition("#")
        at_s = float(stamp.strip("()"))
        frames.append(Frame(at_s, int(can_id, 16), bytes.fromhex(data)))
    return frames


# --- trips --------------------------------------------------------------------

EDGES = ("charge ", "discharge ", "emulated ")
OFF = ("sources off", "supply off", "load off")
FLAG_BITS = {
    "over_voltage": 1,
    "under_voltage": 2,
    "temperature_charge_hot": 3,
    "temperature_discharge_hot": 3,
    "temperature_charge_cold": 4,
    "temperature_discharge_cold": 4,
    "over_current_discharge": 7,
    "over_current_charge": 8,
}


@dataclass(frozen=True, slots=True)
class Opening:
    """The current stopped between two samples, some time after the last edge."""

    last: Sample
    first_dead: Sample
    edge: Event
    settled_s: Interval | None
    step_before: Sample
    edge_before: Event | None
    source: str
    pressed_s: float | None

    @property
    def delay_s(self) -> Interval:
        """Compute the interval of the delay from the edge [s]."""
        edge_s = self.settled_s or (self.edge.at_s - EXCHANGE_S, self.edge.at_s)
        return max(0.0, self.last.a_s - edge_s[1]), self.first_dead.a_s - edge_s[0]


class OpeningFinder:
    """Walks through the rows and notices where a current ends by itself."""

    def __init__(self) -> None:
        self.source = ""
        self.limit_a = 0.0
        self.edge: Event | None = None
        self.edge_before: Event | None = None
        self.settled_s: Interval | None = None
        self.step_before: Sample | None = None
        self.last: Sample | None = None
        self.pressed_s: float | None = None

    def walk(self, rows: Iterable[Row]) -> Iterator[Opening]:
        """Find every opening."""
        for row in rows:
            if isinstance(row, Event):
                self._event(row)
                continue
            opening = self._sample(row)
            if opening is not None:
                yield opening

    def _event(self, event: Event) -> None:
        text = event.text
        if text in OFF:
            self.source, self.last = "", None
        elif text == "button pressed":
            self.pressed_s = event.at_s
        elif text.startswith("supply on"):
            self.source, self.edge = "charge", None
        elif text == "load on":
            self.source = "discharge"
        elif text.startswith(EDGES):
            self.edge_before, self.edge = self.edge, event
            self.step_before = self.last
            self.settled_s = None
            limit_a = event.number("current_a") or event.number("current_limit_a")
            self.limit_a = limit_a or self.limit_a

    def _sample(self, sample: Sample) -> Opening | None:
        if not self.source:
            return None
        if abs(sample.amp) >= CONDUCTS_A:
            self._settle(sample)
            self.last = sample
            return None
        if self.last is None or self.edge is None:
            return None
        opening = Opening(
            self.last,
            sample,
            self.edge,
            self.settled_s,
            self.step_before or self.last,
            self.edge_before,
            self.source,
            self.pressed_s,
        )
        self.source, self.last = "", None
        return opening

    def _settle(self, sample: Sample) -> None:
        """Bracket where a voltage step left the current limit: that is its edge."""
        last, edge = self.last, self.edge
        if last is None or edge is None or "voltage" not in edge.text:
            return
        limited = abs(sample.amp) >= SETTLED * self.limit_a
        was_limited = abs(last.amp) >= SETTLED * self.limit_a
        if was_limited and not limited and last.a_s > edge.at_s:
            self.settled_s = last.v_s, sample.a_s


def name_of(opening: Opening) -> str:
    """Tell which protection acted, from what was being done."""
    edge, way = opening.edge, opening.source
    if edge.text.startswith("emulated"):
        hot = (edge.number("temperature_c") or 0.0) > 25.0
        return f"temperature_{way}_{'hot' if hot else 'cold'}"
    if opening.pressed_s is not None and edge.text.startswith("charge current_a=8 "):
        return "forced_charge"
    if "voltage_limit_v" in edge.text and "current_a" not in edge.text:
        return "over_voltage"
    if "voltage_v" in edge.text:
        return "under_voltage"
    return f"over_current_{way}"


def level_of(name: str, opening: Opening) -> tuple[str, Interval]:
    """Find the level: the step held before, and the one under way."""
    if name.startswith("temperature"):
        level = opening.edge.number("temperature_c") or 0.0
        edge = opening.edge_before
        before = edge.number("temperature_c") if edge is not None else None
        return f"{name}_trip_c", ordered(level if before is None else before, level)
    if name.startswith("over_current"):
        amps = abs(opening.step_before.amp), abs(opening.last.amp)
        return f"{name}_trip_a", ordered(*amps)
    return f"{name}_trip_v", ordered(opening.step_before.volt, opening.last.volt)


def evaluate_trips(rows: Sequence[Row], frames: Sequence[Frame]) -> dict[str, Interval]:
    """Find level, delay and flag delay of every trip, and the forced-charge window."""
    found: dict[str, Interval] = {}
    for opening in OpeningFinder().walk(rows):
        name = name_of(opening)
        last_s, dead_s = opening.last.a_s, opening.first_dead.a_s
        if name == "forced_charge":
            pressed_s = opening.pressed_s or 0.0
            found["forced_charge_window_s"] = last_s - pressed_s, dead_s - pressed_s
            continue
        key, level = level_of(name, opening)
        found[key] = level
        found[f"{name}_delay_s"] = opening.delay_s
        flag = first_flag(frames, FLAG_BITS[name], last_s)
        if flag is not None:
            low = max(0.0, flag[0] - dead_s)
            found[f"{name}_flag_delay_s"] = low, flag[1] - last_s
    return found


def first_flag(frames: Sequence[Frame], bit: int, from_s: float) -> Interval | None:
    """Find the first frame 0x359 that holds a protection bit, and the one before it."""
    before_s = from_s
    for frame in frames:
        if frame.can_id != 0x359:
            continue
        if frame.at_s >= from_s and int.from_bytes(frame.data, "little") >> bit & 1:
            return before_s, frame.at_s
        before_s = frame.at_s
    return None


# --- charge and energy --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Correction:
    """How usable charge is brought to one mean temperature."""

    reference_c: float = 25.0
    ah_per_k: float = 0.0


@dataclass(frozen=True, slots=True)
class Flow:
    """What had flowed by a sample: net and each way [Ah], energy each way [Wh]."""

    sample: Sample
    net_ah: float
    in_wh: float
    out_wh: float

    @property
    def net_wh(self) -> float:
        """Subtract what came out from what went in [Wh]."""
        return self.in_wh - self.out_wh


def integrate(samples: Iterable[Sample]) -> list[Flow]:
    """Integrate charge and energy by the trapezoid rule."""
    flows: list[Flow] = []
    last: Sample | None = None
    net_ah = in_wh = out_wh = 0.0
    for sample in samples:
        if last is not None and sample.a_s - last.a_s <= GAP_S:
            part_ah = (sample.amp + last.amp) / 2.0 * (sample.a_s - last.a_s) / 3600.0
            part_wh = part_ah * (sample.volt + last.volt) / 2.0
            net_ah += part_ah
            if part_wh > 0.0:
                in_wh += part_wh
            else:
                out_wh -= part_wh
        flows.append(Flow(sample, net_ah, in_wh, out_wh))
        last = sample
    return flows


def first(flows: Sequence[Flow], start: int, test: Callable[[Flow], bool]) -> int:
    """Find the first flow from a place on that passes a test."""
    return next(index for index in range(start, len(flows)) if test(flows[index]))


def evaluate_charge(
    flows: Sequence[Flow],
    rows: Sequence[Row],
    frames: Sequence[Frame],
    correction: Correction,
) -> dict[str, Interval]:
    """Find capacity, energy, efficiency and shipping SOC."""
    tail_s = full_charge_start_s(rows)
    full = first(
        flows,
        0,
        lambda f: (
            f.sample.v_s > tail_s
            and f.sample.volt > FULL_V - 0.1
            and CONDUCTS_A < f.sample.amp <= FULL_A
        ),
    )
    start = first(flows, full, lambda f: f.sample.amp < -0.9 * RATE_A)
    empty = first(flows, start, lambda f: f.sample.volt <= EMPTY_V)
    counted_ah = flows[full].net_ah - flows[empty].net_ah
    mean_c = (
        temperature_at(frames, flows[start].sample.v_s)
        + temperature_at(frames, flows[empty].sample.v_s)
    ) / 2.0
    usable_ah = counted_ah + (correction.reference_c - mean_c) * correction.ah_per_k
    shipped_ah = flows[-1].net_ah - flows[empty].net_ah
    energy_wh = flows[full].net_wh - flows[empty].net_wh
    return {
        "capacity_counted_ah": (counted_ah, counted_ah),
        "capacity_ah": (usable_ah, usable_ah),
        "capacity_energy_wh": (energy_wh, energy_wh),
        "shipping_soc_pct": (100.0 * shipped_ah / usable_ah,) * 2,
    }


def full_charge_start_s(rows: Sequence[Row]) -> float:
    """Find where the constant-voltage charge to 10 A begins: no trip, 54.5 V [s]."""
    return next(
        row.at_s
        for row in rows
        if isinstance(row, Event)
        and row.text.startswith("charge voltage_limit_v")
        and abs((row.number("voltage_limit_v") or 0.0) - FULL_V) < 0.2
    )


def temperature_at(frames: Sequence[Frame], at_s: float) -> float:
    """Read the module's temperature on CAN at a time [°C]; it is what the log has."""
    last_c = 25.0
    for frame in frames:
        if frame.at_s > at_s:
            break
        if frame.can_id == 0x356:
            last_c = int.from_bytes(frame.data[4:6], "little", signed=True) / 10.0
    return last_c


def evaluate_efficiency(flows: Sequence[Flow]) -> dict[str, Interval]:
    """Find the energy that returns from the same 20 Ah, at 43 A both ways."""
    begin = long_run(flows, +1.0)
    start_ah = flows[begin].net_ah + WINDOW_FROM_AH
    end_ah = start_ah + WINDOW_AH
    up = first(flows, begin, lambda f: f.net_ah >= start_ah)
    top = first(flows, up, lambda f: f.net_ah >= end_ah)
    down = first(flows, long_run(flows, -1.0, top), lambda f: f.net_ah <= end_ah)
    low = first(flows, down, lambda f: f.net_ah <= start_ah)
    charged_wh = flows[top].net_wh - flows[up].net_wh
    charged_ah = flows[top].net_ah - flows[up].net_ah
    back_wh = flows[low].net_wh - flows[down].net_wh
    back_ah = flows[low].net_ah - flows[down].net_ah
    pct = 100.0 * (back_wh / back_ah) / (charged_wh / charged_ah)
    loop_in = flows[low].in_wh - flows[up].in_wh
    loop_out = flows[low].out_wh - flows[up].out_wh
    return {
        "efficiency_pct": (pct, pct),
        "loop_in_wh": (loop_in, loop_in),
        "loop_out_wh": (loop_out, loop_out),
        "loop_lost_wh": (loop_in - loop_out,) * 2,
    }


def long_run(flows: Sequence[Flow], sign: float, start: int = 0) -> int:
    """Find where 43 A begin to flow one way for a quarter of an hour."""
    begin: int | None = None
    for index in range(start, len(flows)):
        sample = flows[index].sample
        if abs(sample.amp - sign * RATE_A) > 1.0:
            begin = None
        elif begin is None:
            begin = index
        elif sample.a_s - flows[begin].sample.a_s > 900.0:
            return begin
    raise ValueError("no long run at 43 A")


def ordered(one: float, other: float) -> Interval:
    """Put two numbers in order."""
    return min(one, other), max(one, other)


def evaluate(
    vi_path: Path, can_path: Path, correction: Correction
) -> dict[str, Interval]:
    """Recompute everything that the two files allow."""
    rows, frames = read_rows(vi_path), read_frames(can_path)
    flows = integrate(row for row in rows if isinstance(row, Sample))
    return {
        **evaluate_trips(rows, frames),
        **evaluate_charge(flows, rows, frames, correction),
        **evaluate_efficiency(flows),
        "energy_in_wh": (flows[-1].in_wh,) * 2,
        "energy_out_wh": (flows[-1].out_wh,) * 2,
    }


if __name__ == "__main__":
    wanted = Correction(*map(float, sys.argv[3:]))
    found = evaluate(Path(sys.argv[1]), Path(sys.argv[2]), wanted)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
