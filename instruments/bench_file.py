"""The bench file: which driver answers where, and how well each meter is known.

Real and simulated benches use the same keys; `instruments.open` alone reads `kind`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from instruments.bench_ranges import check_ranges
from instruments.bench_wiring import check_wiring
from instruments.errors import BenchFileError
from instruments.roles import INSTRUMENT_ROLES, SCPI_ROLES
from instruments.toml_file import read_toml

CAN_PROFILES = ("pylon-lv",)
SERVICE_PROFILES = ("weco-service",)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table whose unknown keys are refused."""


class Calibration(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When an instrument was calibrated and until when that counts."""

    date: str = ""
    due: str = ""
    certificate: str = ""


class Uncertainty(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Expanded uncertainty (k = 2) of a meter: share of reading [%] plus offset."""

    gain_pct: float = 0.0
    offset: float = 0.0

    def of(self, value: float) -> float:
        """Compute the expanded uncertainty of one reading, in the reading's unit."""
        return abs(value) * self.gain_pct / 100.0 + self.offset


READ_BACK = Uncertainty(gain_pct=0.2, offset=0.08)
"""Of a source that the bench file says nothing else about (provisional)."""


class InstrumentTable(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every instrument's table holds; the rest is for some roles only."""

    driver: str
    resource: str
    timeout_s: float = 0.5
    calibration: Calibration = Calibration()


class SupplyTable(
    InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """The supply and its watchdog [s], without which it is not used.

    A dead-man does not stand in for it: it isolates, but leaves the output on.
    `read_back` is the uncertainty of its own current reading against the shunt's [A],
    bleeder on the bench side included.
    """

    watchdog_s: int = 2
    read_back: Uncertainty = READ_BACK


class LoadTable(InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The load; without a watchdog it must stand behind a declared dead-man."""

    dead_man: bool = False
    read_back: Uncertainty = READ_BACK


class MeterTable(
    InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """A meter with its uncertainty in the unit that it reports."""

    uncertainty: Uncertainty


class ShuntTable(MeterTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The shunt's meter; `shunt_ohm` turns its voltage into current."""

    shunt_ohm: float


class ScanTable(MeterTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The scanning meter: channel number and function by name."""

    channels: dict[str, tuple[int, str]]
    temperature_uncertainty_c: float = 0.3
    resistance_gain_pct: float = 0.1


class SwitchboxTable(
    InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """The switchbox: relay channel by line, input bit by name."""

    lines: dict[str, int]
    inputs: dict[str, int]
    input_channel: int = 3001
    dead_man_s: float = 2.5


class NtcTable(InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The resistance emulator and the sensor curve it stands in for."""

    channels: int = 4
    r25_ohm: float
    beta_k: float
    uncertainty_c: float = 0.1


class LedTable(InstrumentTable, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The LED reader: fibres of each bar, LED1..LED5 and button."""

    bars: dict[str, tuple[int, int, int, int, int, int]]


class CanTable(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The CAN adapter, as python-can names it; `options` are its interface's own."""

    interface: str
    channel: str
    profile: str = "pylon-lv"
    options: dict[str, str | int | float | bool] = {}


class ServiceTable(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The service port, as a pyserial URL."""

    url: str
    profile: str = "weco-service"
    timeout_s: float = 0.3


class OperatorTable(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who answers prompts; `label` is read from the module on a simulated bench."""

    driver: Literal["terminal", "scripted"]
    answers: dict[str, str] = {}


class BenchTable(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Name and kind of the bench.

    `speed` is how many bench seconds pass in one real second; anything but 1 is for a
    served bench, and refused where a real instrument answers. Time-outs stay in real
    time.
    """

    name: str
    kind: Literal["real", "simulated"]
    speed_factor: float = msgspec.field(default=1.0, name="speed")


class BenchConfig(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One bench, as its file describes it."""

    bench: BenchTable
    supply: SupplyTable
    load: LoadTable
    module_meter: MeterTable
    shunt_meter: ShuntTable
    scan_meter: ScanTable
    switchbox: SwitchboxTable
    ntc_emulator: NtcTable
    led_reader: LedTable
    can: CanTable
    service: ServiceTable
    operator: OperatorTable

    @property
    def simulated(self) -> bool:
        """Tell whether the bench is a simulated one."""
        return self.bench.kind == "simulated"

    @property
    def self_off_s(self) -> float:
        """Compute after how long [s] the bench is off by itself when nobody feeds it.

        The supply's watchdog and its output's fall time, or the dead-man and its
        contactor, whichever is later.
        """
        return max(self.supply.watchdog_s + 0.6, self.switchbox.dead_man_s + 0.1)

    def calibrations(self) -> dict[str, dict[str, str]]:
        """List what the file says of each instrument's calibration, by role."""
        return {
            role: msgspec.to_builtins(table.calibration)
            for role in INSTRUMENT_ROLES
            if isinstance(table := getattr(self, role), InstrumentTable)
        }

    def resources(self) -> dict[str, str]:
        """List the VISA resource of every SCPI instrument by role."""
        return {role: getattr(self, role).resource for role in SCPI_ROLES}


def load_bench_file(path: Path) -> BenchConfig:
    """Read a bench file.

    Raises:
        BenchFileError: missing, not TOML, an unknown or missing key, a wrong type, an
            unknown profile, a number out of its range, wiring that cannot be meant.
    """
    raw = read_toml(path)
    try:
        config = msgspec.convert(raw, BenchConfig, strict=True)
    except msgspec.ValidationError as cause:
        message, _, where = str(cause).partition(" - at ")
        raise BenchFileError(
            str(path),
            where.strip("`$").lstrip(".") or "top level",
            f"{message}; compare with station/benches/simulated.toml",
        ) from cause
    _check_profile(path, "can", config.can.profile, CAN_PROFILES)
    _check_profile(path, "service", config.service.profile, SERVICE_PROFILES)
    check_ranges(str(path), config)
    check_wiring(str(path), config)
    return config


def _check_profile(path: Path, table: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise BenchFileError(
            str(path), f"{table}.profile", f"{name!r} is not known; write {known[0]!r}"
        )
