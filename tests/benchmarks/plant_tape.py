"""Tape what a plant shows to its instruments during a run, and play it back.

`TapingPlant` stands between instruments and plant and writes down everything that they
see of it and do to it. `PlayedPlant` shows the same again without any model or BMS
behind it: the traffic is the same, exchange by exchange. `replay_model` does the
opposite: the model gets the same stimuli at the same bench times, and nobody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.sim.circuit import FixtureState, LoadState, SupplyState
from instruments.sim.world import PRIORITY_PLANT, World

NUMBERS = frozenset(
    {"bench_v", "module_v", "current_a", "peer1_v", "peer2_v", "case_c", "ambient_c"}
    | {"contact_mohm", "off_current_ma"}
)
SHOWN = frozenset({"leds", "button_led", "do", "ntc_ohm"})
SUPPLY_INPUTS = (
    "output_on",
    "priority",
    "voltage_v",
    "voltage_limit_v",
    "current_a",
    "current_limit_a",
    "current_limit_neg_a",
)
LOAD_INPUTS = ("input_on", "mode", "current_a", "voltage_v", "current_limit_a")
FIXTURE_INPUTS = (
    "contactor_drive",
    "dead_man_until_us",
    "dip",
    "rs485_chain",
    "rs485_head",
    "rs485_port_a",
    "dry_in",
    "peer1_contactor",
    "peer2_contactor",
    "peer1_bar",
    "peer2_bar",
)

STEP, FRAME, SERIAL, BEGIN, END = "step", "frame", "serial", "begin", "end"


@dataclass(slots=True)
class Tape:
    """What was seen in order, what was pushed in order, and what was done when [µs]."""

    reads: list[Any] = field(default_factory=list)
    pushed: list[tuple[int, str, tuple[Any, ...]]] = field(default_factory=list)
    stimuli: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)
    end_us: int = 0


def settings(plant: Any) -> tuple[Any, ...]:
    """Copy everything that instruments may set on a plant."""
    fixture = plant.fixture
    return (
        tuple(getattr(plant.supply, name) for name in SUPPLY_INPUTS),
        tuple(getattr(plant.load, name) for name in LOAD_INPUTS),
        tuple(getattr(fixture, name) for name in FIXTURE_INPUTS),
        tuple(fixture.ntc_mode),
        tuple(fixture.ntc_ohm),
        dict(fixture.button),
    )


def set_all(plant: Any, wanted: tuple[Any, ...]) -> None:
    """Set a plant as it was set on the tape."""
    supply, load, fixture, ntc_mode, ntc_ohm, button = wanted
    for state, names, values in (
        (plant.supply, SUPPLY_INPUTS, supply),
        (plant.load, LOAD_INPUTS, load),
        (plant.fixture, FIXTURE_INPUTS, fixture),
    ):
        for name, value in zip(names, values, strict=True):
            setattr(state, name, value)
    plant.fixture.ntc_mode[:] = ntc_mode
    plant.fixture.ntc_ohm[:] = ntc_ohm
    plant.fixture.button.update(button)


class TapingPlant:
    """A plant that writes down what its instruments see and do."""

    def __init__(self, plant: Any, tape: Tape) -> None:
        self._plant = plant
        self._tape = tape
        self._world: World = plant.world
        self.modules = {n: TapingModule(m, self) for n, m in plant.modules.items()}
        plant.on_step.append(self._on_step)
        plant.on_can_frame.append(lambda *given: self.push(FRAME, given))
        plant.on_serial.append(lambda *given: self.push(SERIAL, given))

    def __getattr__(self, name: str) -> Any:
        """Pass on, and write a number down."""
        found = getattr(self._plant, name)
        return self.read(found) if name in NUMBERS else found

    def read(self, value: Any) -> Any:
        """Write down what was seen."""
        self._tape.reads.append(value)
        return value

    def push(self, kind: str, given: tuple[Any, ...]) -> None:
        """Write down what the plant sent of its own accord."""
        self._tape.pushed.append((self._world.now_us(), kind, given))

    def change(self, mutate: Callable[[], None]) -> None:
        """Change the plant, and write down what was set."""
        self.bracket(self._plant.change, mutate)
        self._tape.stimuli.append((self._world.now_us(), settings(self._plant)))

    def bracket(self, call: Callable[[Any], Any], given: Any) -> None:
        """Write down that what follows is the answer to a call."""
        self.push(BEGIN, ())
        call(given)
        self.push(END, ())

    def _on_step(self) -> None:
        supply, load = self._plant.supply, self._plant.load
        closed = self._plant.fixture.contactor_closed
        seen = (supply.meas_v, supply.meas_a, supply.regulation)
        self.push(STEP, (*seen, load.meas_v, load.meas_a, closed))


class TapingModule:
    """A module whose lights, contacts and received bytes are written down."""

    def __init__(self, module: Any, plant: TapingPlant) -> None:
        self._module = module
        self._taped = plant

    def __getattr__(self, name: str) -> Any:
        """Pass on, and write down what shows."""
        found = getattr(self._module, name)
        if name in SHOWN:
            return self._taped.read(tuple(found) if name != "button_led" else found)
        return found

    def receive_can(self, frame_id: int, data: bytes) -> None:
        """Take a frame; what it sets off belongs to the call."""
        self._taped.bracket(lambda f: self._module.receive_can(*f), (frame_id, data))

    def receive_serial(self, data: bytes) -> None:
        """Take bytes; what they set off belongs to the call."""
        self._taped.bracket(self._module.receive_serial, data)


class PlayedPlant:
    """A plant without model and BMS: it shows what is on the tape."""

    def __init__(self, world: World, tape: Tape) -> None:
        self.world = world
        self.supply, self.load, self.fixture = (
            SupplyState(),
            LoadState(),
            FixtureState(),
        )
        self.on_step: list[Callable[[], None]] = []
        self.on_can_frame: list[Callable[..., None]] = []
        self.on_serial: list[Callable[..., None]] = []
        self._reads = iter(tape.reads)
        self._pushed = tape.pushed
        self._place = 0
        names = ("module", "peer1", "peer2")
        self.modules: Mapping[str, PlayedModule] = {
            n: PlayedModule(self) for n in names
        }
        self._wait()

    def __getattr__(self, name: str) -> Any:
        """Show the next number on the tape."""
        if name in NUMBERS:
            return next(self._reads)
        raise AttributeError(name)

    def read(self) -> Any:
        """Show what comes next on the tape."""
        return next(self._reads)

    def change(self, mutate: Callable[[], None]) -> None:
        """Change a setting and play what came of it."""
        self.answer(mutate)

    def answer(self, call: Callable[[], None]) -> None:
        """Do what was called for and play up to the end of its answer."""
        self._expect(BEGIN)
        call()
        while self._pushed[self._place][1] != END:
            self._play()
        self._place += 1
        self._wait()

    def _expect(self, kind: str) -> None:
        t_us, found, _ = self._pushed[self._place]
        if found != kind or t_us != self.world.now_us():
            raise RuntimeError(
                f"the tape has {found} at {t_us} µs, the run is at"
                f" {self.world.now_us()} µs: it is not the same run"
            )
        self._place += 1

    def _wait(self) -> None:
        """Schedule what the plant sends of its own accord."""
        if self._place < len(self._pushed):
            t_us, kind, _ = self._pushed[self._place]
            if kind not in (BEGIN, END):
                place = self._place
                self.world.at_us(t_us, PRIORITY_PLANT, lambda: self._due(place))

    def _due(self, place: int) -> None:
        if place == self._place:
            self._play()
            self._wait()

    def _play(self) -> None:
        _, kind, given = self._pushed[self._place]
        self._place += 1
        if kind == STEP:
            supply, load = self.supply, self.load
            supply.meas_v, supply.meas_a, supply.regulation = given[:3]
            load.meas_v, load.meas_a, self.fixture.contactor_closed = given[3:]
            for look in self.on_step:
                look()
        else:
            for take in self.on_can_frame if kind == FRAME else self.on_serial:
                take(*given)


class PlayedModule:
    """A module that shows what is on the tape."""

    def __init__(self, plant: PlayedPlant) -> None:
        self._plant = plant

    def __getattr__(self, name: str) -> Any:
        """Show the next state of lights or contacts."""
        if name in SHOWN:
            return self._plant.read()
        raise AttributeError(name)

    def receive_can(self, frame_id: int, data: bytes) -> None:
        """Play what a frame set off."""
        self._plant.answer(lambda: None)

    def receive_serial(self, data: bytes) -> None:
        """Play what bytes set off."""
        self._plant.answer(lambda: None)


def replay_model(plant: Any, tape: Tape) -> None:
    """Give a fresh plant the stimuli of the tape, without any exchange."""
    world: World = plant.world
    for t_us, wanted in tape.stimuli:
        world.advance_us(t_us - world.now_us())
        plant.change(lambda wanted=wanted: set_all(plant, wanted))
    world.advance_us(tape.end_us - world.now_us())
