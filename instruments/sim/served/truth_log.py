"""What really happened on a served bench: a file of its own, written by the world.

One line at every change of a switch or jump of the current, every 100 ms of bench time,
and every 10 ms while the bleeder discharges the bench side. Real seconds count from the
same arbitrary start in every process of the machine (`instruments.clock.wall_s`), so
that another process can say when it sent a signal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from instruments.sim.world import PRIORITY_INSTRUMENT, World

if TYPE_CHECKING:
    from instruments.sim.plant import Plant

COLUMNS = (
    "real_s",
    "bench_s",
    "terminal_v",
    "current_a",
    "bench_side_v",
    "supply_output",
    "load_input",
    "fixture_contactor",
    "module_contactor",
)
_PERIOD_US = 100_000
_FALLING_US = 10_000
_DARK_V = 1.0
_JUMP_A = 0.25

_Switches = tuple[bool, bool, bool, bool]


class TruthLog:
    """Writes the world's truth, one flushed line at a time.

    Args:
        file: a text file that this log closes.
        world: bench time.
        plant: the truth.
        start_s: real time at which bench time began [s].
        speed_factor: bench seconds in one real second.
    """

    def __init__(
        self,
        file: TextIO,
        world: World,
        plant: Plant,
        start_s: float,
        speed_factor: float,
    ) -> None:
        self._file = file
        self._world = world
        self._plant = plant
        self._start_s = start_s
        self._speed_factor = speed_factor
        self._switches: _Switches | None = None
        self._current_a = 0.0
        self._falling = False
        file.write(",".join(COLUMNS) + "\n")
        plant.on_step.append(self._look)
        self._tick()

    def close(self) -> None:
        """Close the file; what still happens is not logged."""
        self._plant.on_step.remove(self._look)
        self._file.close()

    def _tick(self) -> None:
        if self._file.closed:
            return
        self._write(self._read_switches())
        due_us = self._world.now_us() + _PERIOD_US
        self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._tick)

    def _look(self) -> None:
        switches = self._read_switches()
        jump_a = abs(self._plant.current_a - self._current_a)
        if switches != self._switches or jump_a > _JUMP_A:
            self._write(switches)
            self._watch_fall()

    def _watch_fall(self) -> None:
        """Look closely until the bench side behind the open contactor is dark."""
        plant = self._plant
        live = plant.supply.output_on or plant.fixture.contactor_closed
        if self._falling or live or abs(plant.bench_v) < _DARK_V:
            return
        self._falling = True
        due_us = self._world.now_us() + _FALLING_US
        self._world.at_us(due_us, PRIORITY_INSTRUMENT, self._fall)

    def _fall(self) -> None:
        self._falling = False
        if not self._file.closed:
            self._write(self._read_switches())
            self._watch_fall()

    def _read_switches(self) -> _Switches:
        plant = self._plant
        return (
            plant.supply.output_on,
            plant.load.input_on,
            plant.fixture.contactor_closed,
            plant.modules["module"].contactor.closed,
        )

    def _write(self, switches: _Switches) -> None:
        plant = self._plant
        bench_s = self._world.now_us() / 1e6
        self._switches, self._current_a = switches, plant.current_a
        values = (
            f"{self._start_s + bench_s / self._speed_factor:.6f},{bench_s:.6f},"
            f"{plant.module_v:.4f},{plant.current_a:.4f},{plant.bench_v:.4f}"
        )
        states = ",".join("1" if on else "0" for on in switches)
        self._file.write(f"{values},{states}\n")
        self._file.flush()
