"""One of each: the parts of a bench, behind their roles."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.links.can_link import CanLink
from instruments.links.service_link import ServiceLink
from instruments.roles import (
    CurrentMeter,
    Instrument,
    LedReader,
    Load,
    NtcEmulator,
    Operator,
    ScanMeter,
    Supply,
    Switchbox,
    VoltageMeter,
)


@dataclass(frozen=True, slots=True)
class BenchParts:
    """Every part of one bench; the driver behind each role is nobody's business."""

    supply: Supply
    load: Load
    module_meter: VoltageMeter
    shunt_meter: CurrentMeter
    scan_meter: ScanMeter
    switchbox: Switchbox
    ntc_emulator: NtcEmulator
    led_reader: LedReader
    can: CanLink
    service: ServiceLink
    operator: Operator

    def instruments(self) -> tuple[Instrument, ...]:
        """List the instruments in the order in which they are opened and reopened.

        The two that can energise come first.
        """
        return (
            self.supply,
            self.load,
            self.switchbox,
            self.module_meter,
            self.shunt_meter,
            self.scan_meter,
            self.ntc_emulator,
            self.led_reader,
        )

    def incidents(self) -> tuple[str, ...]:
        """List what went wrong on the module's links and was overcome by asking again.

        A reading that was repeated is as good as another; that it had to be is for the
        record to say.
        """
        counts = (
            ("service port: questions repeated", self.service.retries),
            ("service port: answers overdue", self.service.timeouts),
            ("service port: answers damaged", self.service.bad_frames),
            ("CAN: frames malformed", self.can.malformed_count),
            ("CAN: error frames", self.can.error_frames),
        )
        return tuple(f"{what} {count}" for what, count in counts if count)
