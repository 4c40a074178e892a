"""Recompute what a whole `eol` run found from its two files alone.

    python independent_evaluation.py vi.csv can.log [REFERENCE_C AH_PER_K]

Reads V/I trace and CAN log (candump form), uses the standard library and nothing
of the station, and prints as JSON an interval for each quantity, named as in the
record. Trips are found where the current stops although no event took the source away.
Between two steps of a climb the station goes back below the threshold, and within a
step it lets a current fall: neither is an edge. A trip's edge is where the stimulus
last passed the furthest level that was held before.
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
PACK_OHM = 0.0025
"""Resistance between terminals and pack, with a margin [ohm]; provisional."""
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

SETPOINTS = ("charge ", "discharge ", "emulated ")
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


@dataclass(slots=True)
class Hold:
    """A setpoint, which way current flowed under it, and what was sampled meanwhile.

    `limit_a` is the source's current limit; `placed_s` is when the setpoint stood and
    its source was on.
    """

    event: Event
    way: str
    limit_a: float
    placed_s: float
    samples: list[Sample]

    @property
    def regulates_voltage(self) -> bool:
        """Tell whether the current had left its limit when the hold ended."""
        return not self.is_limited(self.samples[-1])

    def is_limited(self, sample: Sample) -> bool:
        """Tell whether the source gives its full current."""
        return abs(sample.amp) >= SETTLED * self.limit_a


@dataclass(frozen=True, slots=True)
class Opening:
    """The current stopped under a setpoint, between two samples.

    `earlier` are the setpoints held since the sources were last off, with those that
    went back between two steps.
    """

    step: Hold
    earlier: Sequence[Hold]
    first_dead: Sample
    pressed_s: float | None

    @property
    def last(self) -> Sample:
        """Return the last sample that conducts."""
        return self.step.samples[-1]


class OpeningFinder:
    """Walks through the rows and notices where a current ends by itself."""

    def __init__(self) -> None:
        self.source = ""
        self.holds: list[Hold] = []
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
            self.source = ""
            if text == "sources off":
                self.holds = []
        elif text == "button pressed":
            self.pressed_s = event.at_s
        elif text.startswith("supply on"):
            self.source = "charge"
        elif text == "load on":
            self.source = "discharge"
            if self.holds:
                self.holds[-1].placed_s = event.at_s
        elif text.startswith(SETPOINTS):
            self._setpoint(event)

    def _setpoint(self, event: Event) -> None:
        emulated = event.text.startswith("emulated")
        way = self.source if emulated else event.text.split()[0]
        limit_a = event.number("current_a") or event.number("current_limit_a")
        if limit_a is None:
            limit_a = self.holds[-1].limit_a if self.holds else 0.0
        self.holds.append(Hold(event, way, limit_a, event.at_s, []))

    def _sample(self, sample: Sample) -> Opening | None:
        step = self.holds[-1] if self.holds else None
        if step is None or step.way != self.source:
            return None
        if abs(sample.amp) >= CONDUCTS_A:
            step.samples.append(sample)
            return None
        if not step.samples:
            return None
        opening = Opening(step, self.holds[:-1], sample, self.pressed_s)
        self.source, self.holds = "", []
        return opening


def name_of(opening: Opening) -> str:
    """Tell which protection acted, from what was being done."""
    step = opening.step
    if step.event.text.startswith("emulated"):
        hot = (step.event.number("temperature_c") or 0.0) > 25.0
        return f"temperature_{step.way}_{'hot' if hot else 'cold'}"
    if opening.pressed_s is not None and step.event.text.startswith(
        "charge current_a=8 "
    ):
        return "forced_charge"
    if step.regulates_voltage:
        return "over_voltage" if step.way == "charge" else "under_voltage"
    return f"over_current_{step.way}"


def held_before(name: str, opening: Opening) -> Sample | None:
    """Find the end of the step held before: of all earlier ones, it reached furthest.

    So a setpoint that only went back between two steps is none.
    """
    way = opening.step.way
    ends = [h.samples[-1] for h in opening.earlier if h.way == way and h.samples]
    if name == "over_voltage":
        return max(ends, key=lambda end: end.volt, default=None)
    if name == "under_voltage":
        return min(ends, key=lambda end: end.volt, default=None)
    return max(ends, key=lambda end: abs(end.amp), default=None)


def level_of(name: str, opening: Opening) -> tuple[str, Interval]:
    """Find the level: the step held before, and the one under way."""
    if name.startswith("temperature"):
        level = opening.step.event.number("temperature_c") or 0.0
        held = [hold.event.number("temperature_c") for hold in opening.earlier]
        known = [c for c in held if c is not None]
        furthest = max if name.endswith("hot") else min
        return f"{name}_trip_c", ordered(furthest(known, default=level), level)
    last = opening.last
    before = held_before(name, opening) or last
    if name.startswith("over_current"):
        return f"{name}_trip_a", ordered(abs(before.amp), abs(last.amp))
    return f"{name}_trip_v", ordered(before.volt, last.volt)


def edge_of(name: str, opening: Opening) -> Interval:
    """Bracket the edge of the step under way: when it passed the level held before [s].

    A current or a temperature is there once its setpoint stands. A voltage has passed
    the level held before by the first sample at which the source no longer gives its
    full current, and had not by the last one that still lay short of it.
    """
    step = opening.step
    early_s, late_s = step.event.at_s - EXCHANGE_S, step.placed_s
    if not name.endswith("_voltage"):
        return early_s, late_s
    late_s = next(s.a_s for s in step.samples if not step.is_limited(s))
    held = held_before(name, opening)
    if held is not None:
        sign = 1.0 if name == "over_voltage" else -1.0
        pack_v = held.volt - PACK_OHM * held.amp
        short = (s.v_s for s in step.samples if sign * (s.volt - pack_v) <= 0.0)
        early_s = max((early_s, *short))
    return early_s, late_s


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
        if f"{name}_delay_s" in found:
            raise ValueError(f"{name} opened a second time at {dead_s} s")
        key, level = level_of(name, opening)
        found[key] = level
        edge_s = edge_of(name, opening)
        found[f"{name}_delay_s"] = max(0.0, last_s - edge_s[1]), dead_s - edge_s[0]
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
    start = long_run(flows, -1.0, full)
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
