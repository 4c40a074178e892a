"""Which driver stands for which name in a bench file, and how each is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from instruments.bench_file import BenchConfig, InstrumentTable
from instruments.clock import Clock
from instruments.drivers import (
    chroma_63200a,
    keysight_34465a,
    keysight_34980a,
    keysight_daq970a,
    keysight_rp7900,
    resistance,
)
from instruments.drivers.feasa import FeasaLedAnalyser
from instruments.drivers.feasa_line import FeasaLine
from instruments.errors import BenchFileError
from instruments.exchange_log import ExchangeLog
from instruments.roles import (
    CurrentMeter,
    LedReader,
    Load,
    NtcEmulator,
    ScanMeter,
    Supply,
    Switchbox,
    VoltageMeter,
)
from instruments.scpi import ScpiLink

if TYPE_CHECKING:
    import pyvisa

_Driver = TypeVar("_Driver")


class Maker:
    """Makes the driver of each role, on the links that the bench stands on."""

    def __init__(
        self,
        config: BenchConfig,
        manager: pyvisa.ResourceManager,
        clock: Clock,
        led_url: str,
        log: ExchangeLog | None = None,
    ) -> None:
        self._config = config
        self._manager = manager
        self._clock = clock
        self._led_url = led_url
        self._log = log

    def supply(self) -> Supply:
        """Make the supply's driver."""
        table = self._config.supply
        drivers: dict[str, Callable[[], Supply]] = {
            "keysight_rp7900": lambda: keysight_rp7900.KeysightRp7900(
                self._link("supply", table, keysight_rp7900.IDN_PATTERN)
            )
        }
        return self._choose("supply", table, drivers)

    def load(self) -> Load:
        """Make the load's driver."""
        table = self._config.load
        drivers: dict[str, Callable[[], Load]] = {
            "chroma_63200a": lambda: chroma_63200a.Chroma63200a(
                self._link("load", table, chroma_63200a.IDN_PATTERN),
                dead_man=table.dead_man,
            )
        }
        return self._choose("load", table, drivers)

    def module_meter(self) -> VoltageMeter:
        """Make the driver of the meter on the module's terminals."""
        table = self._config.module_meter
        drivers: dict[str, Callable[[], VoltageMeter]] = {
            "keysight_34465a": lambda: keysight_34465a.Keysight34465a(
                self._link("module_meter", table, keysight_34465a.IDN_PATTERN)
            )
        }
        return self._choose("module_meter", table, drivers)

    def shunt_meter(self) -> CurrentMeter:
        """Make the driver of the meter on the shunt."""
        table = self._config.shunt_meter
        drivers: dict[str, Callable[[], CurrentMeter]] = {
            "keysight_34465a": lambda: keysight_34465a.Keysight34465aShunt(
                self._link("shunt_meter", table, keysight_34465a.IDN_PATTERN),
                shunt_ohm=table.shunt_ohm,
            )
        }
        return self._choose("shunt_meter", table, drivers)

    def scan_meter(self) -> ScanMeter:
        """Make the scanning meter's driver."""
        table = self._config.scan_meter
        drivers: dict[str, Callable[[], ScanMeter]] = {
            "keysight_daq970a": lambda: keysight_daq970a.KeysightDaq970a(
                self._link("scan_meter", table, keysight_daq970a.IDN_PATTERN),
                channels=table.channels,
            )
        }
        return self._choose("scan_meter", table, drivers)

    def switchbox(self) -> Switchbox:
        """Make the switchbox's driver."""
        table = self._config.switchbox
        drivers: dict[str, Callable[[], Switchbox]] = {
            "keysight_34980a": lambda: keysight_34980a.Keysight34980a(
                self._link("switchbox", table, keysight_34980a.IDN_PATTERN),
                lines=table.lines,
                inputs=table.inputs,
                input_channel=table.input_channel,
            )
        }
        return self._choose("switchbox", table, drivers)

    def ntc_emulator(self) -> NtcEmulator:
        """Make the resistance emulator's driver."""
        table = self._config.ntc_emulator
        drivers: dict[str, Callable[[], NtcEmulator]] = {
            "resistance": lambda: resistance.ResistanceEmulator(
                self._link("ntc_emulator", table, resistance.IDN_PATTERN),
                channels=table.channels,
            )
        }
        return self._choose("ntc_emulator", table, drivers)

    def led_reader(self) -> LedReader:
        """Make the LED reader's driver."""
        table = self._config.led_reader
        drivers: dict[str, Callable[[], LedReader]] = {
            "feasa": lambda: FeasaLedAnalyser(
                FeasaLine(
                    "led_reader",
                    self._led_url,
                    self._clock,
                    timeout_s=table.timeout_s,
                    speed_factor=self._config.bench.speed_factor,
                    log=self._log,
                ),
                bars=table.bars,
            )
        }
        return self._choose("led_reader", table, drivers)

    def _link(self, role: str, table: InstrumentTable, idn_pattern: str) -> ScpiLink:
        return ScpiLink(
            self._manager,
            role,
            table.resource,
            self._clock,
            timeout_s=table.timeout_s,
            idn_pattern=idn_pattern,
            log=self._log,
        )

    def _choose(
        self,
        role: str,
        table: InstrumentTable,
        drivers: dict[str, Callable[[], _Driver]],
    ) -> _Driver:
        if table.driver not in drivers:
            raise BenchFileError(
                self._config.bench.name,
                f"{role}.driver",
                f"{table.driver!r} is not known; known: {', '.join(sorted(drivers))}",
            )
        return drivers[table.driver]()
