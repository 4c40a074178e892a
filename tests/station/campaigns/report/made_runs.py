"""Runs of a campaign as tests need them: three steps, four limits, no bench."""

from __future__ import annotations

from collections.abc import Sequence

from limits.limit import Limit
from limits.limit_set import LimitSet
from phases.results import FAIL, NOT_RUN, PASS
from station.campaigns.entry import CatalogueEntry, PlainChange
from station.campaigns.job import Found, Job, Kind, Played
from station.campaigns.report.about import About, Draw
from station.campaigns.report.seen import Seen, see

STEPS = ("start_up", "over_voltage", "capacity")
LIMITS = {
    "start_up": ("start_up_green_s",),
    "over_voltage": ("over_voltage_trip_v", "over_voltage_flag"),
    "capacity": ("capacity_ah",),
}
BENCH_S = {"start_up": 10.0, "over_voltage": 600.0, "capacity": 7000.0}
VALUES = {
    "start_up_green_s": 2.0,
    "over_voltage_trip_v": 58.9,
    "capacity_ah": 90.0,
}


def limits() -> LimitSet:
    """Make the limits: two ranges, one with one side only, one expected answer."""
    made = (
        Limit("start_up_green_s", 1.0, 3.0, None, "s", "test", "manual"),
        Limit(
            "over_voltage_trip_v", 58.7, 59.1, None, "V", "test", "manual", ("EL-09",)
        ),
        Limit(
            "over_voltage_flag", None, None, True, "1", "test", "manual", safety=True
        ),
        Limit("capacity_ah", 86.0, None, None, "Ah", "test", "manual"),
    )
    return LimitSet("eol.toml", "Test", {limit.name: limit for limit in made}, ())


def entry(
    identity: str,
    *,
    sequence: str = "eol",
    reason: str = "",
    steps: tuple[str, ...] = ("over_voltage",),
    file: str = "bms_alarms.toml",
) -> CatalogueEntry:
    """Make a defect of the catalogue."""
    change = PlainChange("module.x", "set", 1.0, file)
    return CatalogueEntry(
        identity,
        f"Title of {identity}",
        "made up",
        ("EL-09",),
        "major",
        sequence,
        reason,
        steps,
        (change,),
        (),
        (),
        file,
    )


def catalogue(*identities: str) -> dict[str, CatalogueEntry]:
    """Make a catalogue of detectable defects."""
    return {identity: entry(identity) for identity in identities}


def job(
    subject: str = "healthy",
    *,
    kind: Kind | None = None,
    grade: str = "",
    seed: int = 1,
    sequence: str = "eol",
) -> Job:
    """Make a job: a healthy module unless a subject is named."""
    if kind is None:
        kind = Kind.HEALTHY if subject == "healthy" else Kind.CATALOGUE
    bad = "" if kind is Kind.HEALTHY else "bad"
    return Job(kind, subject, grade or bad, sequence, seed)


def played(
    failed: Sequence[str] = (),
    *,
    outcome: str = "",
    reason: str = "",
    stop_after: str = "",
    values: dict[str, float] | None = None,
) -> Played:
    """Make a run in which these limits failed; after `stop_after` nothing is asked."""
    steps, found, ended = [], [], False
    for step in STEPS:
        here = [
            _found(step, name, failed, ended, values or {}) for name in LIMITS[step]
        ]
        found += here
        failing = any(item.outcome == FAIL for item in here)
        verdict = NOT_RUN if ended else (FAIL if failing else PASS)
        steps.append((step, verdict, 0.0 if ended else BENCH_S[step]))
        ended = ended or step == stop_after
    outcome = outcome or (FAIL if failed else PASS)
    return Played("key", outcome, reason, steps, found, 1.0, "sha", 0.1)


def _found(
    step: str, name: str, failed: Sequence[str], ended: bool, values: dict[str, float]
) -> Found:
    if ended:
        return Found(step, name, NOT_RUN, None, None, "None")
    outcome = FAIL if name in failed else PASS
    if name == "over_voltage_flag":
        return Found(step, name, outcome, None, None, str(outcome == PASS))
    value = values.get(name, VALUES[name])
    return Found(step, name, outcome, value, value)


def seen(subject: str, *failed: str, **how: str) -> Seen:
    """Make a bad catalogue run as the tables see it."""
    return see(job(subject), played(failed, **how), catalogue(subject))  # type: ignore[arg-type]


def about() -> About:
    """Make the head of a report."""
    draw = Draw("earlier", "2026-11-20 10:00", 4711, "0123abcd", 320, 318, 2, 0)
    return About(
        "try", "feed0123", "2026-11-22 20:00", (("Wall time", "41 min"),), (draw,)
    )
