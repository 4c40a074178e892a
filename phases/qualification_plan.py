"""How `qualification` stimulates a module: its tables of `plan.toml`."""

from __future__ import annotations

import msgspec


class LockoutPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """How long RUN may be ignored [s], when it is tried, and what clears the count.

    `probes_s` are instants after the last trip; `kept_s` is a time of running that must
    not clear the count, `cleared_s` one that must.
    """

    wait_s: float
    probes_s: tuple[float, ...]
    trips_at_most: int
    kept_s: float
    cleared_s: float


class RestartPolicyPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """When self-restarts are awaited, and how often is looked meanwhile [s].

    `early_s` and `late_s` are instants after the first trip, with `before_s` and
    `after_s`, and `late_margin_s`, of close looks around them.
    """

    early_s: tuple[float, ...]
    late_s: tuple[float, ...]
    early_before_s: float
    early_after_s: float
    late_margin_s: float
    early_look_s: float
    late_look_s: float
    hour_look_s: float
    day_look_s: float
    morning_end_s: float
    far_look_s: float
    hour_end_s: float
    day_end_s: float
    watch_s: float


class DeratingEdgesPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """Edges of both tables [°C] by the row below them, and how they are walked."""

    charge_c: dict[str, float]
    discharge_c: dict[str, float]
    span_c: float
    step_c: float
    settle_s: float
    cold_c: float
    hot_c: float


class HiddenThresholdsPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """Temperature releases, and the two ends of charge with their releases.

    Each release is [trip, first level tried, last level tried] in °C.
    """

    releases_c: dict[str, tuple[float, float, float]]
    release_step_c: float
    trip_timeout_s: float
    rest_s: float
    up_a: float
    up_to_v: float
    top_a: float
    top_v: float
    stop_cell_v: float
    down_a: float
    down_to_v: float
    bottom_a: float
    end_timeout_s: float
    release_timeout_s: float
    window_a: float
    window_s: float
    windows_at_most: int
    accept_a: float
    lift_s: float
    leave_ah: float
    leave_a: float
    leave_v: float
