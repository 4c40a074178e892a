"""Before a run: what its record says at once, and whether it may start at all."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instruments.clock import utc_now
from station import bench_lock
from station.errors import Unsure
from station.ports import Rig
from station.record import Beginning
from station.results.store import Store
from station.version import read_git_state, read_version


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What the operator asked for, checked.

    `inputs` names seed, defect files and state file with their hashes.
    """

    serial: str
    operator: str
    inputs: Mapping[str, Any]
    trace: bool = True


def describe_beginning(
    run_id: str, order: RunOrder, rig: Rig, store: Store
) -> Beginning:
    """Gather what is known before anything is energised."""
    earlier = 0
    if not rig.in_process:
        earlier = bench_lock.count_earlier_runs(store, order.serial, rig.sequence)
    return Beginning(
        run_id=run_id,
        serial=order.serial,
        sequence=rig.sequence,
        operator=order.operator,
        station=rig.bench_name,
        host=socket.gethostname(),
        utc_start=utc_now(),
        software={"version": read_version(), "git": read_git_state()},
        limits={"name": rig.limits.name, "sha256": rig.limits.sha256},
        inputs=order.inputs,
        earlier_runs=earlier,
    )


def find_refusal(begun: Beginning, rig: Rig, store: Store) -> str | None:
    """Find what outlives earlier runs and forbids this one, or None.

    A bench lock, trips too recent, too many tests: each becomes an ERROR record. An
    in-process simulated bench is exempt (test plan, "What outlives a run").
    """
    if rig.in_process:
        return None
    try:
        bench_lock.check_bench_unlocked(store, rig.bench_name)
        bench_lock.check_retest(
            store, bench_lock.load_retest_policy(), begun.serial, begun.earlier_runs
        )
    except Unsure as refusal:
        return str(refusal)
    return None
