"""When each BMS steps, and where what it drives goes.

A BMS steps at the time it asked for, and at once on an edge of its inputs. Frames and
bytes go to the listeners, chain messages to the neighbours a moment later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from instruments.sim.bms.interface import BmsOutputs
from instruments.sim.busbar import Busbar
from instruments.sim.chain import neighbours
from instruments.sim.module import AWAKE_BELOW_US, SimModule
from instruments.sim.world import PRIORITY_BMS, PRIORITY_EMISSION, Event, World

CHAIN_LATENCY_US = 2_000
"""Assumed time of a chain message: nothing is published (provisional)."""


class Physics(Protocol):
    """What the electronics need of the plant."""

    def catch_up(self) -> None:
        """Integrate up to now where current flows."""
        ...

    def command_contactor(self, module: SimModule, command: str) -> None:
        """Pulse a coil of a module's contactor."""
        ...


class Electronics:
    """The BMS units of all modules, their wakes and their buses."""

    def __init__(
        self,
        world: World,
        busbar: Busbar,
        physics: Physics,
    ) -> None:
        self._world = world
        self._busbar = busbar
        self._physics = physics
        self._wakes: dict[str, Event] = {}
        self._by_name = {module.name: module for module in busbar.modules}
        self._on_wakes = {m.name: partial(self._on_wake, m) for m in busbar.modules}
        self.on_can_frame: list[Callable[[str, int, int, bytes], None]] = []
        self.on_serial: list[Callable[[str, int, bytes], None]] = []
        for module in busbar.modules:
            module.on_receive = partial(self.wake, module)

    def wire(self) -> None:
        """Carry buttons, DIP switches and dry contacts to the modules."""
        fixture, p = self._busbar.fixture, self._busbar.parameters
        peer_dip = p.dip_module_leads if fixture.rs485_head else p.dip_peer_leads
        for module in self._busbar.modules:
            wiring, name = module.wiring, module.name
            edge = module.press(fixture.button[name], self._world.t_us)
            if name == "module":
                wiring.dip = fixture.dip
                contacts = (bool(fixture.dry_in[0]), bool(fixture.dry_in[1]))
                edge = edge or contacts != wiring.di
                wiring.di = contacts
            else:
                wiring.dip = peer_dip[name]
            if edge:
                self.wake(module)

    def wake(self, module: SimModule) -> None:
        """Step a BMS at this instant, after the plant."""
        self._wake_at(module, self._world.t_us)

    def step(self, module: SimModule) -> None:
        """Step a BMS now and carry out what it drives."""
        now_us, busbar = self._world.t_us, self._busbar
        if module.name == "module":
            module.wiring.terminal_v = busbar.module_v(now_us)
        else:
            module.wiring.terminal_v = busbar.peer_v(module.name, now_us)
        outputs = module.step_bms(now_us)
        if outputs.contactor is not None:
            self._physics.command_contactor(module, outputs.contactor)
        self._emit(module, outputs, now_us)
        if module.next_wake_us < AWAKE_BELOW_US:
            self._wake_at(module, module.next_wake_us)

    def _wake_at(self, module: SimModule, t_us: int) -> None:
        event = self._wakes.get(module.name)
        if event is not None:
            if event.t_us <= t_us:
                return
            self._world.cancel(event)
        self._wakes[module.name] = self._world.at_us(
            t_us, PRIORITY_BMS, self._on_wakes[module.name]
        )

    def _on_wake(self, module: SimModule) -> None:
        del self._wakes[module.name]
        if module.next_wake_us <= self._world.t_us:
            # Its own sampling instant; who only brings a message sees the last one.
            self._physics.catch_up()
        self.step(module)

    def _emit(self, module: SimModule, outputs: BmsOutputs, now_us: int) -> None:
        for frame_id, data in outputs.can_tx:
            for hear_frame in self.on_can_frame:
                hear_frame(module.name, now_us, frame_id, data)
        if outputs.serial_tx:
            for hear_bytes in self.on_serial:
                hear_bytes(module.name, now_us, outputs.serial_tx)
        if outputs.rs485_a:
            self._pass_on(module.name, "a", outputs.rs485_a)
        if outputs.rs485_b:
            self._pass_on(module.name, "b", outputs.rs485_b)

    def _pass_on(self, name: str, port: str, messages: Sequence[bytes]) -> None:
        socket = self._by_name[name].harness.port(port, self._world.t_us)
        if socket is None:
            return
        for there, there_port in neighbours(self._busbar.fixture, name, socket):
            receive = self._by_name[there].receive_rs485
            self._world.at_us(
                self._world.t_us + CHAIN_LATENCY_US,
                PRIORITY_EMISSION,
                partial(receive, there_port, messages),
            )
