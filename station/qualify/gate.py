"""Play both firmwares' campaigns, as far as they are not stored, and compare them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from limits.limit import Limit
from limits.load import load_limits, shipped_file
from station.campaigns.campaign import MakeCrew, Order, play_campaign
from station.campaigns.job import Job, Played
from station.campaigns.plan import Plan
from station.campaigns.results_store import load_campaign, load_losses
from station.qualify.compare import Compared, Comparison, compare
from station.qualify.firmware_file import FirmwareFile
from station.qualify.image import image_changes
from station.qualify.ownership import concerns_firmware
from station.qualify.tolerances import load_tolerances
from station.results.store import Store


@dataclass(frozen=True, slots=True)
class Gate:
    """Where runs are kept, who plays which program, and who may stop it.

    `program` has the hash of each file that decides a result: one reading of them
    names the campaigns of both firmwares.
    """

    store: Store
    program: Mapping[str, str]
    make_crew: MakeCrew
    stopped: Callable[[], bool]


def qualify(
    gate: Gate,
    plan: Plan,
    jobs: Sequence[Job],
    firmware: FirmwareFile,
    baseline: FirmwareFile,
) -> Comparison | None:
    """Play what is missing and compare; None where it was stopped.

    Raises:
        CrewLost, NotDeterministic, NotStored: it cannot go on; what came is stored.
    """
    compiled = firmware.is_compiled or baseline.is_compiled
    left_out = list(filter(_is_of_the_model, jobs)) if compiled else []
    asked = [job for job in jobs if not (compiled and _is_of_the_model(job))]
    played: list[Mapping[str, Played]] = []
    losses: dict[str, str] = {}
    for release in (baseline, firmware):
        order = _order(gate, plan, release, jobs, asked)
        ended = play_campaign(order, gate.store, gate.make_crew, gate.stopped)
        if not ended.came_to_end:
            return None
        runs_of = load_campaign(gate.store, ended.campaign_id)
        played.append({result.key: result for _, result in runs_of})
        losses |= load_losses(gate.store, ended.campaign_id)
    before, after = played
    runs = [
        Compared(
            job,
            before.get(on_firmware(job, baseline).key),
            after.get(on_firmware(job, firmware).key),
            losses.get(on_firmware(job, firmware).key)
            or losses.get(on_firmware(job, baseline).key, ""),
        )
        for job in asked
    ]
    found = compare(runs, load_tolerances(), _limits_of)
    found.left_out = left_out
    found.image_changes = image_changes(baseline, firmware)
    return found


def on_firmware(job: Job, firmware: FirmwareFile) -> Job:
    """Ask the same of a module in which another firmware runs."""
    return replace(job, firmware=None if firmware.is_shipped else firmware)


def _is_of_the_model(job: Job) -> bool:
    """Tell whether a defect is one of the model's firmware: a library has none."""
    return any(map(concerns_firmware, job.defects))


def _order(
    gate: Gate,
    plan: Plan,
    firmware: FirmwareFile,
    jobs: Sequence[Job],
    asked: Sequence[Job],
) -> Order:
    """Order what is asked for of a firmware's campaign.

    How many runs it has is a matter of the firmware alone, not of what it is compared
    with: the model's campaign is whole when its own defects were played, too.
    """
    spared = sum(map(_is_of_the_model, jobs)) if firmware.is_compiled else 0
    own = [on_firmware(job, firmware) for job in asked]
    planned = len(jobs) - spared
    return Order(_document(plan, firmware), gate.program, own, planned)


def _document(plan: Plan, firmware: FirmwareFile) -> dict[str, object]:
    """Write the plan of a firmware's campaign; the shipped one's is the plan's own."""
    document = dict(plan.document())
    if not firmware.is_shipped:
        document["name"] = f"{plan.name} on {firmware.identity}"
        document["firmware"] = firmware.digest
    return document


def _limits_of(sequence: str) -> Mapping[str, Limit]:
    return load_limits(shipped_file(sequence))
