"""`station faults kill`: kill the station on a served bench, again and again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from station.errors import EXIT_FAIL, EXIT_PASS, BadOption
from station.output import say

if TYPE_CHECKING:
    from station.kills.kinds import Kind


def kill(
    kinds: Annotated[
        list[str] | None, typer.Argument(help="what to do; default: everything")
    ] = None,
    instants: Annotated[int, typer.Option(min=1, help="instants of each kind")] = 30,
    jobs: Annotated[int, typer.Option(min=1, help="cases beside each other")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="draws the instants")] = 1,
    folder: Annotated[
        Path | None, typer.Option(help="keep logs and stores in this empty folder")
    ] = None,
) -> None:
    """Kill the station at random instants and read from the bench when it was dead.

    In real time; a station and a bench of its own for every case. Exit codes: 0 all as
    it must be, 1 not, 2 refused, 3 not tried, as a run without a kill does not pass or
    a bench does not run.
    """
    from station.kills.kinds import choose_kinds, load_kinds

    chosen = choose_kinds(kinds or (), load_kinds())
    if folder is not None:
        if folder.exists() and any(folder.iterdir()):
            raise BadOption(f"folder {folder}: is not empty; name another")
        raise typer.Exit(_kill(chosen, instants, jobs, seed, folder.absolute()))
    with TemporaryDirectory(prefix="kill-") as made:
        raise typer.Exit(_kill(chosen, instants, jobs, seed, Path(made)))


def _kill(chosen: list[Kind], instants: int, jobs: int, seed: int, folder: Path) -> int:
    from instruments.clock import wall_s
    from station.kills.campaign import draw_cases, rehearse, run_cases
    from station.kills.table import write_table

    begun_s = wall_s()
    spans = rehearse(folder / "rehearsal")
    cases = draw_cases(chosen, instants, seed, spans)
    end_s = spans[""][1]
    say(f"{len(cases)} cases, {jobs} beside each other; energised for {end_s:.1f} s")
    results = []
    for result in run_cases(cases, folder, jobs):
        results.append(result)
        dead = "never" if result.dead_s is None else f"{result.dead_s:.2f} s"
        word = "; ".join(result.faults) or "as it must be"
        say(
            f"{len(results):4d}/{len(cases)}  {result.case.name:24s}"
            f" at {result.case.instant_s:6.3f} s, {result.bench_state:6s}"
            f" dead after {dead}: {word}"
        )
    say("")
    for line in write_table(chosen, results):
        say(line)
    faults = sum(bool(result.faults) for result in results)
    took_s = wall_s() - begun_s
    say(f"{len(results)} cases, {faults} not as they must be, {took_s:.0f} s")
    return EXIT_FAIL if faults else EXIT_PASS
