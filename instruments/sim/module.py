"""One simulated module: cells, contactor, sensors and terminals around a BMS.

The BMS is anything with ``step(inputs) -> outputs`` (`bms.interface`); this file gives
it what its sensors see and carries out what it drives. Current is positive into the
module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

from instruments.sim.bms.interface import NEVER_US, BmsInputs, BmsOutputs, BmsUnit
from instruments.sim.cell import CellString
from instruments.sim.contactor import Contactor
from instruments.sim.defects import Fault
from instruments.sim.harness import Harness, Lamps
from instruments.sim.sensors import NTC_CHANNELS, ModuleSensors

US = 1e-6
ALL_REAL = ["real"] * NTC_CHANNELS
FINEST_IDLE_US = 250_000
COARSEST_IDLE_US = 30_000_000
AWAKE_BELOW_US = NEVER_US // 2
"""A BMS that wakes later than this is off: it hears no bus, only its button."""


def _nobody() -> None:
    """Wake nobody: no plant has taken this module yet."""


@dataclass(frozen=True, slots=True)
class TerminalParameters:
    """What the terminals show; `reversed_` is the fault with plus on minus.

    `joint_ohm` is a loose busbar on top of `joint_cell`, within its sense wires.
    """

    contact_ohm: float
    pack_ohm: float
    remnant_v: float
    remnant_tau_s: float
    off_current_ma: float
    running_current_ma: float
    reversed_: bool
    joint_ohm: float = 0.0
    joint_cell: int = 1


@dataclass(slots=True)
class Wiring:
    """What the fixture and the bus present to one module at this instant."""

    terminal_v: float = 0.0
    button_pressed: bool = False
    dip: int = 0
    di: tuple[bool, bool] = (False, False)


class SimModule:
    """A module's physical state, its BMS and everything that can be seen of it."""

    def __init__(
        self,
        name: str,
        cells: CellString,
        contactor: Contactor,
        sensors: ModuleSensors,
        terminals: TerminalParameters,
        bms: BmsUnit,
        button_faults: Sequence[Fault] = (),
        harness: Harness | None = None,
        lamps: Lamps | None = None,
    ) -> None:
        self.name = name
        self.cells = cells
        self.contactor = contactor
        self.sensors = sensors
        self.terminals = terminals
        self.bms = bms
        self._button_faults = tuple(button_faults)
        self.harness = harness if harness is not None else Harness({})
        self._lamps = lamps if lamps is not None else Lamps()
        self.wiring = Wiring()
        self.current_a = 0.0
        self.t_us = 0
        self.next_wake_us = NEVER_US
        self.leds: tuple[str, ...] = ("off",) * 5
        self.button_led = "off"
        self.do = (False, False)
        self.pack_loss_j = 0.0
        self.terminal_j = 0.0
        self.ntc_mode = ["real"] * NTC_CHANNELS
        self.ntc_substitute_ohm = [10_000.0] * NTC_CHANNELS
        self.opened_us: int | None = None
        self.seen_current_a = 0.0
        self.on_receive: Callable[[], None] = _nobody
        self._can_rx: list[tuple[int, bytes]] = []
        self._serial_rx = bytearray()
        self._rs485_a: list[bytes] = []
        self._rs485_b: list[bytes] = []
        self._cells_at: tuple[int, float] | None = None
        self._cells_seen: list[float] = []
        self._ntc_of: list[float] | None = None
        self._ntc_real: list[float] = []
        joint_ohm = terminals.joint_ohm
        self._series_ohm = terminals.pack_ohm + terminals.contact_ohm + joint_ohm
        self._sign = -1.0 if terminals.reversed_ else 1.0
        self._initial_j = cells.stored_j()

    @property
    def awake(self) -> bool:
        """Tell whether the BMS is running: it listens to its buses."""
        return self.next_wake_us < AWAKE_BELOW_US

    @property
    def emf_v(self) -> float:
        """Read the voltage [V] behind the terminals without current."""
        return self._sign * self.cells.emf_sum_v

    @property
    def resistance_ohm(self) -> float:
        """Read the resistance [ohm] that acts at once, terminals included."""
        return self.cells.resistance_ohm + self._series_ohm

    @property
    def ntc_ohm(self) -> list[float]:
        """Read the four sensors as the BMS sees them [ohm]; inf = open, 0 = short."""
        return self._ntc_ohm(self.t_us)

    @property
    def pack_v(self) -> float:
        """Calculate the true voltage of the sixteen cells [V]."""
        cells = self.cells
        inner_ohm = cells.resistance_ohm + self.terminals.joint_ohm
        return cells.emf_sum_v + inner_ohm * self._sign * self.current_a

    @property
    def cell_v(self) -> list[float]:
        """Calculate the true voltages between the cells' sense wires [V]."""
        current_a = self._sign * self.current_a
        seen_v = self.cells.cell_voltages(current_a)
        if self.terminals.joint_ohm:
            joint_v = self.terminals.joint_ohm * current_a
            seen_v[self.terminals.joint_cell - 1] += joint_v
        return seen_v

    @property
    def soc_pct(self) -> float:
        """Calculate the true mean physical state of charge [%]."""
        total = 0.0
        for soc in self.cells.soc:
            total += soc
        return 100.0 * total / len(self.cells.soc)

    def integrate(self, now_us: int) -> float:
        """Let the held current flow until now; return the terminal's volt-seconds."""
        dt_s = (now_us - self.t_us) * US
        self.t_us = now_us
        current_a = self._sign * self.current_a
        string_vs = self.cells.advance(dt_s, current_a)
        if current_a == 0.0:
            return self._sign * string_vs
        drop_vs = self._series_ohm * current_a * dt_s
        self.pack_loss_j += drop_vs * current_a
        self.terminal_j += (string_vs + drop_vs) * current_a
        return self._sign * (string_vs + drop_vs)

    def idle_due(self, now_us: int) -> bool:
        """Tell whether a module without current shall move: the later, the rarer."""
        age_us = now_us if self.opened_us is None else now_us - self.opened_us
        grid_us = min(max(age_us // 8, FINEST_IDLE_US), COARSEST_IDLE_US)
        return now_us - self.t_us >= grid_us

    def stored_j(self) -> float:
        """Calculate the energy stored since the beginning [J]."""
        return self.cells.stored_j() - self._initial_j

    def remnant_v(self, now_us: int) -> float:
        """Calculate the parasite voltage [V] left on open, free terminals."""
        if self.opened_us is None:
            return 0.0
        p = self.terminals
        age_s = (now_us - self.opened_us) * US
        return self._sign * p.remnant_v * exp(-age_s / p.remnant_tau_s)

    def press(self, pressed: bool, now_us: int) -> bool:
        """Press or release the button; tell whether the BMS sees an edge."""
        seen = pressed
        for fault in self._button_faults:
            if fault.from_us <= now_us:
                seen = fault.name == "stuck"
        edge = seen != self.wiring.button_pressed
        self.wiring.button_pressed = seen
        return edge

    def receive_can(self, frame_id: int, data: bytes) -> None:
        """Queue one CAN frame for the next BMS step; lost while the BMS is off.

        No rule of the BMS acts on a frame, so none is a reason to wake it.
        """
        if self.awake:
            self._can_rx.append((frame_id, data))

    def receive_serial(self, data: bytes) -> None:
        """Queue bytes of the service port; lost while the BMS is off."""
        if self.awake:
            self._serial_rx += data
            self.on_receive()

    def receive_rs485(self, port: str, messages: Sequence[bytes]) -> None:
        """Queue messages of chain port "a" or "b"; lost while the BMS is off."""
        inner = self.harness.port(port, self.t_us)
        if self.awake and inner is not None:
            (self._rs485_a if inner == "a" else self._rs485_b).extend(messages)
            self.on_receive()

    def step_bms(self, now_us: int) -> BmsOutputs:
        """Step the BMS once and show what it drives; the plant does the rest.

        Raises:
            RuntimeError: the BMS asks to be woken in the past.
        """
        outputs = self.bms.step(self._inputs(now_us))
        if outputs.next_wake_us <= now_us:
            raise RuntimeError(f"{self.name}: the BMS wants to wake in the past")
        self.next_wake_us = outputs.next_wake_us
        self.leds = self._lamps.bar(outputs.leds, now_us)
        self.button_led = self._lamps.button(outputs.button_led, now_us)
        self.do = self.harness.do(outputs.do, now_us)
        consumption_ma = (
            self.terminals.running_current_ma
            if self.awake
            else self.terminals.off_current_ma
        )
        self.cells.set_drain(outputs.bleed, consumption_ma * 1e-3)
        return outputs

    def _inputs(self, now_us: int) -> BmsInputs:
        sensors, wiring = self.sensors, self.wiring
        current_a = self._sign * self.current_a
        self.seen_current_a = self.current_a
        cells_at = (self.t_us, current_a)
        if cells_at != self._cells_at:  # the cells move in `integrate` only
            self._cells_at = cells_at
            self._cells_seen = sensors.cell_v(self.cell_v)
        inputs = BmsInputs(
            now_us,
            self._cells_seen,
            sensors.pack_v(self.pack_v),
            wiring.terminal_v * sensors.terminal_gain,
            sensors.current_a(current_a, now_us),
            self._ntc_ohm(now_us),
            wiring.button_pressed,
            self.harness.dip(wiring.dip, now_us),
            wiring.di,
            self.contactor.feedback(now_us),
            tuple(self._rs485_a),
            tuple(self._rs485_b),
            tuple(self._can_rx),
            bytes(self._serial_rx),
        )
        self._can_rx.clear()
        self._serial_rx.clear()
        self._rs485_a.clear()
        self._rs485_b.clear()
        return inputs

    def _ntc_ohm(self, now_us: int) -> list[float]:
        # The list of temperatures is a new one whenever they have moved.
        cell_c = self.cells.heat.cell_c
        if self._ntc_of is not cell_c or self.sensors.has_faults:
            self._ntc_of = cell_c
            self._ntc_real = self.sensors.ntc_ohm(cell_c, now_us)
        if self.ntc_mode == ALL_REAL:
            return self._ntc_real
        return [
            self._substituted(channel, real)
            for channel, real in enumerate(self._ntc_real)
        ]

    def _substituted(self, channel: int, real_ohm: float) -> float:
        mode = self.ntc_mode[channel]
        if mode == "real":
            return real_ohm
        if mode == "open":
            return float("inf")
        return 0.0 if mode == "short" else self.ntc_substitute_ohm[channel]
