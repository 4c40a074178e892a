"""What a bench stands on, real or simulated, behind the three libraries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from instruments.clock import Clock

if TYPE_CHECKING:
    import can
    import pyvisa


@dataclass(frozen=True, slots=True)
class Seams:
    """What a bench stands on: clock, VISA manager, CAN bus and service port."""

    clock: Clock
    manager: pyvisa.ResourceManager
    can_bus: Callable[[], can.BusABC]
    service_port: Callable[[], Any]
    led_url: str
    read_module: Callable[[str], str] | None
    close: Callable[[], None]
    can_offset_us: int | None = None
    earlier_trips: int = 0
    world: Any = None
