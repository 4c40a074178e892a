"""Build every part of a BMS from the parameters of one unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeVar

from instruments.sim.bms.alarms import Alarms
from instruments.sim.bms.balancing import Balancing, BalancingParameters
from instruments.sim.bms.button import Button, ButtonParameters
from instruments.sim.bms.can_node import CanNode, CanParameters
from instruments.sim.bms.cell_spread import CellSpread, CellSpreadParameters
from instruments.sim.bms.derating import Derating, DeratingParameters, load_rows
from instruments.sim.bms.dry_contacts import DryContactParameters, DryContacts
from instruments.sim.bms.estimator import Estimator, EstimatorParameters
from instruments.sim.bms.forced_charge import ForcedCharge, ForcedChargeParameters
from instruments.sim.bms.interface import BmsInitial
from instruments.sim.bms.leds import LedBar, LedBarParameters
from instruments.sim.bms.lockout import Lockout, LockoutParameters
from instruments.sim.bms.misstatement import Misstatement
from instruments.sim.bms.over_current import OverCurrent, OverCurrentParameters
from instruments.sim.bms.over_voltage import OverVoltage, OverVoltageParameters
from instruments.sim.bms.parallel import Parallel, ParallelParameters
from instruments.sim.bms.parameters import Faults, ParameterSource, build
from instruments.sim.bms.relay_monitor import RelayMonitor, RelayMonitorParameters
from instruments.sim.bms.restart import Restart, RestartParameters
from instruments.sim.bms.rule import Delay, Protection
from instruments.sim.bms.sense import NtcParameters, Sense, SensingParameters, ntc_ohm
from instruments.sim.bms.service_node import ServiceNode, ServiceParameters
from instruments.sim.bms.state import ModuleStates, Rules, StartParameters
from instruments.sim.bms.temperature import Temperature, TemperatureParameters
from instruments.sim.bms.thresholds import ThresholdSources, threshold_words
from instruments.sim.bms.under_voltage import UnderVoltage, UnderVoltageParameters
from instruments.wire.pylon_lv import PylonLv
from instruments.wire.weco_registers import RegisterTable
from instruments.wire.weco_service import load_profile

T = TypeVar("T")
P = TypeVar("P")
_Protections = tuple[OverVoltage, UnderVoltage, OverCurrent, Temperature]


_CELLS = 16
"""What the board can bleed; `identity.cells` is only what the register says."""


@dataclass(frozen=True, slots=True)
class IdentityParameters:
    """What the module says it is: [module.identity]."""

    cells: int
    temperature_sensors: int
    boot_version: int
    software_version: int
    hardware_version: int
    factory_capacity_ah: float


class CalmBand(NamedTuple):
    """Raw readings between which no protection has anything to do."""

    pack_above_v: float
    cell_above_v: float
    pack_below_v: float
    cell_below_v: float
    current_below_a: float
    ntc_above_ohm: float
    ntc_below_ohm: float


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of one BMS, wired together."""

    sensing: SensingParameters
    sense: Sense
    button: Button
    estimator: Estimator
    derating: Derating
    over_current: OverCurrent
    under_voltage: UnderVoltage
    protections: tuple[Protection, ...]
    calm_band: CalmBand
    ntc_fault: Delay
    forced: ForcedCharge
    parallel: Parallel
    states: ModuleStates
    cell_spread: CellSpread
    relay_monitor: RelayMonitor
    balancing: Balancing
    alarms: Alarms
    warning_flags: Mapping[str, str]
    led_bar: LedBar
    dry_contacts: DryContacts
    can_parameters: CanParameters
    can: CanNode
    service_parameters: ServiceParameters
    service: ServiceNode
    service_falsify: Misstatement
    table: RegisterTable
    fixed_registers: Mapping[str, float]
    factory_capacity_ah: float


@cache
def _codec() -> PylonLv:
    """Parse the DBC once for all modules of a bench."""
    return PylonLv()


class _Builder:
    """Read the tables and faults of one unit."""

    def __init__(self, source: ParameterSource, name: str) -> None:
        self.source = source
        self.name = name

    def read(self, cls: type[T], table: str) -> T:
        return build(cls, self.source, f"{self.name}.{table}")

    def with_faults(
        self, part: Callable[[P, Faults], T], cls: type[P], table: str
    ) -> T:
        return part(self.read(cls, table), self.faults(table))

    def faults(self, target: str) -> Faults:
        return Faults(self.source.faults(f"{self.name}.{target}"))

    def texts(self, table: str) -> dict[str, str]:
        section = self.source.section(f"{self.name}.{table}")
        return {key: str(value) for key, value in section.items()}

    def numbers(self, table: str) -> dict[str, float]:
        section = self.source.section(f"{self.name}.{table}")
        return {key: float(value) for key, value in section.items()}

    def misstatement(self, link: str) -> Misstatement:
        return Misstatement(
            self.numbers(f"{link}.scale"), self.numbers(f"{link}.offset")
        )


def assemble(source: ParameterSource, name: str, initial: BmsInitial) -> Parts:
    """Build the parts of the unit `name`.

    Raises:
        BenchFileError: a parameter is missing or of another kind.
    """
    b = _Builder(source, name)
    sensing = b.read(SensingParameters, "bms.sensing")
    ntc = b.read(NtcParameters, "ntc")
    protections = _protections(b)
    identity = b.read(IdentityParameters, "identity")
    can_parameters = b.read(CanParameters, "can")
    service_parameters = b.read(ServiceParameters, "service")
    derating = _derating(b)
    profile = load_profile()
    thresholds = _threshold_sources(protections, derating, service_parameters)
    rules = _rules(b, protections, sensing.terminal_live_v, initial)
    return Parts(
        sensing=sensing,
        sense=Sense(sensing, ntc, b.faults("bms.sensing")),
        button=Button(b.read(ButtonParameters, "bms.button")),
        estimator=Estimator(
            b.read(EstimatorParameters, "bms.estimator"), initial.soc_pct
        ),
        derating=derating,
        over_current=protections[2],
        under_voltage=protections[1],
        protections=protections,
        calm_band=_calm_band(protections, ntc),
        ntc_fault=Delay(sensing.ntc_fault_delay_s),
        forced=rules.forced,
        parallel=rules.parallel,
        states=ModuleStates(b.read(StartParameters, "bms.start"), rules, initial),
        cell_spread=b.with_faults(CellSpread, CellSpreadParameters, "bms.cell_spread"),
        relay_monitor=RelayMonitor(
            b.read(RelayMonitorParameters, "bms.relay_monitor"),
            sensing.terminal_live_v,
            b.faults("bms.relay_monitor"),
        ),
        balancing=_balancing(b, _CELLS),
        alarms=rules.alarms,
        warning_flags=b.texts("bms.flags.warning"),
        led_bar=_led_bar(b),
        dry_contacts=b.with_faults(DryContacts, DryContactParameters, "dry_contacts"),
        can_parameters=can_parameters,
        can=CanNode(
            can_parameters, b.faults("can"), _codec(), b.misstatement("can").image
        ),
        service_parameters=service_parameters,
        service=ServiceNode(service_parameters, b.faults("service"), profile.key),
        service_falsify=b.misstatement("service"),
        table=profile.table(),
        fixed_registers={
            **_identity_registers(identity),
            **threshold_words(thresholds),
        },
        factory_capacity_ah=identity.factory_capacity_ah,
    )


def _rules(
    b: _Builder, protections: _Protections, live_v: float, initial: BmsInitial
) -> Rules:
    return Rules(
        protections,
        protections[1],
        Lockout(
            b.read(LockoutParameters, "bms.lockout"),
            b.faults("bms.lockout"),
            initial.trips,
        ),
        b.with_faults(Restart, RestartParameters, "bms.restart"),
        b.with_faults(ForcedCharge, ForcedChargeParameters, "bms.forced_charge"),
        Parallel(
            b.read(ParallelParameters, "bms.parallel"), live_v, b.faults("bms.parallel")
        ),
        Alarms(
            b.texts("bms.flags.protection"),
            b.numbers("bms.flags.delay"),
            b.faults("bms.flags"),
        ),
    )


def _balancing(b: _Builder, cells: int) -> Balancing:
    return Balancing(
        b.read(BalancingParameters, "bms.balancing"), b.faults("bms.balancing"), cells
    )


def _led_bar(b: _Builder) -> LedBar:
    return LedBar(
        b.read(LedBarParameters, "led_bar"),
        b.texts("led_bar.pages"),
        b.faults("led_bar"),
    )


def _derating(b: _Builder) -> Derating:
    return Derating(
        b.read(DeratingParameters, "bms.derating"),
        load_rows(b.source, f"{b.name}.bms.derating.charge"),
        load_rows(b.source, f"{b.name}.bms.derating.discharge"),
    )


def _protections(b: _Builder) -> _Protections:
    return (
        b.with_faults(OverVoltage, OverVoltageParameters, "bms.over_voltage"),
        b.with_faults(UnderVoltage, UnderVoltageParameters, "bms.under_voltage"),
        b.with_faults(OverCurrent, OverCurrentParameters, "bms.over_current"),
        b.with_faults(Temperature, TemperatureParameters, "bms.temperature"),
    )


def _calm_band(protections: _Protections, ntc: NtcParameters) -> CalmBand:
    over_voltage, under_voltage, over_current, temperature = protections
    cold_c, hot_c = temperature.calm_between_c()
    return CalmBand(
        *under_voltage.calm_above(),
        *over_voltage.calm_below(),
        over_current.calm_below_a(),
        ntc_ohm(hot_c, ntc),
        ntc_ohm(cold_c, ntc),
    )


def _threshold_sources(
    protections: _Protections, derating: Derating, service: ServiceParameters
) -> ThresholdSources:
    over_voltage, under_voltage, over_current, temperature = protections
    return ThresholdSources(
        over_voltage.parameters,
        under_voltage.parameters,
        over_current.parameters,
        temperature.parameters,
        derating.parameters,
        service,
    )


def _identity_registers(identity: IdentityParameters) -> dict[str, float]:
    return {
        "cell_count": identity.cells,
        "sensor_count": identity.temperature_sensors,
        "boot_version": identity.boot_version,
        "software_version": identity.software_version,
        "hardware_version": identity.hardware_version,
        "factory_capacity_ah": identity.factory_capacity_ah,
    }
