"""How the sequence stimulates a module, read from `plan.toml`."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec

from phases.qualification_plan import (
    DeratingEdgesPlan,
    HiddenThresholdsPlan,
    LockoutPlan,
    RestartPolicyPlan,
)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table whose unknown keys are refused."""


class StartUpPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Button press [s] and the longest start [s]."""

    press_s: float
    timeout_s: float


class AgreementPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Test current [A] and settling [s]."""

    current_a: float
    settle_s: float


class ResistancePlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Current step [A] and its length [s]."""

    current_a: float
    pulse_s: float


class OverCurrentPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hold below the limit, then a staircase of currents [A] with a dwell [s]."""

    hold_a: float
    hold_s: float
    start_a: float
    stop_a: float
    step_a: float
    dwell_s: float
    back_off_s: float
    charge_voltage_v: float


class TemperaturePlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Emulated temperatures [°C], test current [A] and times [s]."""

    current_a: float
    step_c: float
    dwell_s: float
    back_off_s: float
    approach_c: float
    past_c: float
    settle_s: float
    hot_charge_c: float
    cold_charge_c: float
    hot_discharge_c: float
    cold_discharge_c: float
    normal_c: float
    charge_voltage_v: float
    charge_rows_c: tuple[float, ...]
    discharge_rows_c: tuple[float, ...]


class FullChargePlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Charge to full [V, A], the efficiency window [A, Ah] and the rest [s]."""

    window_a: float
    window_ah: float
    margin_ah: float
    full_v: float
    standard_a: float
    tail_a: float
    rest_s: float
    timeout_s: float


class PulsePlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A climb by pulses of falling current [A]: levels [V], times [s]."""

    pulse_a: float
    rest_a: float
    decay_s: float
    near_cell_v: float
    near_decay_s: float
    start_v: float
    start_cell_v: float
    stop_v: float
    stop_cell_v: float
    step_v: float
    dwell_s: float
    proof_s: float
    back_off_a: float
    back_off_to_v: float
    back_off_s: float
    pack_ohm: float
    approach_timeout_s: float


class OverVoltagePlan(PulsePlan, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Charging pulses up to a source's limit [V]; then release and restart [s]."""

    approach_a: float
    back_off_cell_v: float
    back_off_to_cell_v: float
    limit_v: float
    release_s: float
    restart_s: float


class CapacityPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The discharge that counts: current [A], end [V], true temperature window [°C]."""

    current_a: float
    end_v: float
    timeout_s: float
    window_c: tuple[float, float]
    reference_c: float
    fit_ah: float
    ah_per_k: float


class UnderVoltagePlan(
    PulsePlan, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """Discharging pulses after an approach [A, V]; a charge limit [V], a rest [s]."""

    approach_a: float
    approach_v: float
    back_off_least_a: float
    back_off_ohm: float
    limit_v: float
    rest_s: float


class ForcedChargePlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The two attempts: currents [A], instants after the press [s], limit [V]."""

    refused_a: float
    accepted_a: float
    accepted_at_s: float
    window_s: float
    voltage_limit_v: float
    stable_s: float


class ParallelStartPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Differences at the press [V] and the charge between them [A]."""

    refused_difference_v: float
    accepted_difference_v: float
    charge_a: float
    slope_v_per_ah: float
    rest_s: float
    timeout_s: float


class ShippingPlan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the module is left: share of measured usable charge [%]."""

    target_pct: float
    current_a: float
    voltage_limit_v: float
    timeout_s: float


class Plan(_Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole plan."""

    start_up: StartUpPlan
    agreement: AgreementPlan
    resistance: ResistancePlan
    over_current: OverCurrentPlan
    temperature: TemperaturePlan
    full_charge: FullChargePlan
    over_voltage: OverVoltagePlan
    capacity: CapacityPlan
    under_voltage: UnderVoltagePlan
    forced_charge: ForcedChargePlan
    parallel_start: ParallelStartPlan
    shipping: ShippingPlan
    lockout: LockoutPlan
    restart_policy: RestartPolicyPlan
    derating_edges: DeratingEdgesPlan
    hidden_thresholds: HiddenThresholdsPlan


def load_plan() -> Plan:
    """Read the plan that stands beside this module.

    Raises:
        msgspec.ValidationError: the file and the classes above differ.
    """
    text = files("phases").joinpath("plan.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Plan, strict=True)
