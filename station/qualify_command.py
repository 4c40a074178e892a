"""`station qualify`: may this firmware be released?

Exit codes: 0 nothing changed, 1 a new escape, a new false fail or a changed behaviour,
2 refused, 3 runs without a verdict or a campaign that cannot go on, 4 stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from station.commands import StoreOption, store_folder
from station.crew_options import (
    CompiledOption,
    SchedulerOption,
    WorkersOption,
    check_crew,
    crew_maker,
    restart_if_compiled,
)
from station.errors import (
    EXIT_ABORTED,
    EXIT_ERROR,
    EXIT_FAIL,
    EXIT_PASS,
    BadOption,
    escape_path,
)
from station.output import complain, say

if TYPE_CHECKING:
    from station.campaigns.campaign import MakeCrew
    from station.campaigns.plan import Plan
    from station.qualify.compare import Comparison
    from station.qualify.summary import Question

BASELINE = Path(__file__).with_name("firmware") / "baseline.toml"


def qualify(
    firmware: Annotated[Path, typer.Option(help="firmware file")],
    against: Annotated[
        Path, typer.Option(help="baseline: another firmware file; default: the shipped")
    ] = BASELINE,
    plan: Annotated[str, typer.Option(help="sample, full, or a plan file")] = "sample",
    junit: Annotated[Path | None, typer.Option(help="write JUnit XML here")] = None,
    summary: Annotated[
        Path | None, typer.Option(help="write a Markdown page here")
    ] = None,
    scheduler: SchedulerOption = None,
    workers: WorkersOption = None,
    compiled: CompiledOption = False,
    store: StoreOption = None,
) -> None:
    """Play a firmware's campaign and compare it with the baseline's.

    Exit codes: 0 nothing changed, 1 a new escape, a new false fail or a changed
    behaviour, 2 refused, 3 runs without a verdict, 4 stopped.
    """
    from station.campaigns.plan import load_plan
    from station.campaigns.program import fold, program_hashes
    from station.qualify.firmware_file import load_firmware
    from station.qualify.summary import Question
    from station.wiring import bare_argv

    check_crew(scheduler, workers)
    for target in (junit, summary):
        _check_target(target)
    candidate, baseline = load_firmware(firmware), load_firmware(against)
    chosen = load_plan(plan)
    restart_if_compiled(compiled)
    program = program_hashes()  # once: a file saved meanwhile is another program's
    question = Question(candidate, baseline, chosen.name, fold(program))
    with bare_argv():  # Dask hands the arguments on to its workers
        found = _qualify(
            question,
            chosen,
            program,
            crew_maker("qualify", scheduler, workers),
            store_folder(store),
        )
    if found is None:
        raise typer.Exit(EXIT_ABORTED)
    _write(found, question, junit, summary)
    raise typer.Exit(exit_code(found))


def exit_code(comparison: Comparison) -> int:
    """Choose the exit code: what was found counts more than what is not known."""
    if comparison.changed:
        return EXIT_FAIL
    return EXIT_ERROR if comparison.unsure else EXIT_PASS


def _qualify(
    question: Question,
    plan: Plan,
    program: Mapping[str, str],
    make_crew: MakeCrew,
    folder: Path,
) -> Comparison | None:
    from station.campaigns.catalogue import load_catalogue
    from station.campaigns.jobs import list_jobs
    from station.qualify.gate import Gate
    from station.qualify.gate import qualify as compare_both
    from station.results.store import Store
    from station.signals import StopSignals

    jobs = list_jobs(plan, load_catalogue())
    store = Store(folder)
    try:
        with StopSignals() as signals:
            gate = Gate(store, program, make_crew, lambda: signals.reason is not None)
            found = compare_both(gate, plan, jobs, question.firmware, question.baseline)
    finally:
        store.close()
    if found is None:
        complain(
            f"station: stopped by {signals.reason}; what came is stored, the same"
            " command goes on from there"
        )
    return found


def _write(
    found: Comparison,
    question: Question,
    junit: Path | None,
    summary: Path | None,
) -> None:
    from station.qualify.junit import write_junit
    from station.qualify.summary import one_line_answer, write_summary

    name = f"{question.firmware.identity} against {question.baseline.identity}"
    if junit is not None:
        _save(junit, write_junit(found, f"station qualify {name}"))
    if summary is not None:
        _save(summary, write_summary(question, found))
    say(f"{name}: {one_line_answer(found)}")


def _check_target(target: Path | None) -> None:
    """Refuse, before anything is played, a report that could not be written."""
    if target is None:
        return
    if target.is_dir() or not target.parent.is_dir():
        raise BadOption(
            f"{escape_path(target)}: cannot be written; name a file in a folder that"
            " is there"
        )


def _save(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
