"""Write a qualification as a Markdown page, for a pull request or a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from phases.results import PASS
from station.qualify.compare import Compared, Comparison, Difference, Finding
from station.qualify.firmware_file import SHOWN, FirmwareFile

_ROWS = 60
_LONGEST_CELL = 300


@dataclass(frozen=True, slots=True)
class Question:
    """What was qualified against what, with which plan and which program."""

    firmware: FirmwareFile
    baseline: FirmwareFile
    plan: str
    program_sha256: str


def write_summary(question: Question, comparison: Comparison) -> str:
    """Write the page."""
    lines = [
        f"# Firmware {_cell(question.firmware.identity)}: {_answer(comparison)}",
        "",
        *_facts(question, comparison),
        "",
        *_counts(comparison),
        "",
        *_grouped(comparison),
        *_images(comparison),
        "The module is a simulated one: what is shown here, is shown of the model.",
    ]
    return "\n".join(lines) + "\n"


def one_line_answer(comparison: Comparison) -> str:
    """Say in one line what came of it."""
    counts = [
        f"{sum(f.kind is kind for f in comparison.findings)} {kind}"
        for kind in Difference
        if any(f.kind is kind for f in comparison.findings)
    ]
    words = len(comparison.image_changes)
    counts += [f"{words} words of the release image"] if words else []
    nothing = "no verdict at all" if comparison.unsure else "nothing changed"
    told = ", ".join(counts) if counts else nothing
    return f"{_answer(comparison)}: {len(comparison.runs)} runs compared, {told}"


def _answer(comparison: Comparison) -> str:
    if comparison.changed:
        return "not qualified"
    return "not known" if comparison.unsure else "qualified"


def _facts(question: Question, comparison: Comparison) -> list[str]:
    firmware, baseline = question.firmware, question.baseline
    lines = [
        f"- Firmware: {_cell(firmware.title)} ({firmware.kind}, {_name(firmware)})",
        f"- Baseline: {_cell(baseline.title)} ({baseline.kind}, {_name(baseline)})",
        f"- Plan: {_cell(question.plan)}; program {question.program_sha256[:SHOWN]}",
    ]
    if firmware.image is not None:
        lines.append(f"- Registers judged by: {_cell(firmware.image.release)}")
    if firmware.digest == baseline.digest:
        lines.append("- Both are the same firmware: its runs stand against themselves.")
    if comparison.left_out:
        lines.append(
            f"- {len(comparison.left_out)} defects of the model's firmware were left"
            " out: a compiled one has its own."
        )
    return lines


def _counts(comparison: Comparison) -> list[str]:
    bad = [run for run in comparison.runs if run.job.is_bad]
    good = [run for run in comparison.runs if not run.job.is_bad]
    return [
        "| runs | number | baseline | firmware |",
        "|---|---|---|---|",
        f"| defects that escaped | {len(bad)} | {_passed(bad, False)} |"
        f" {_passed(bad, True)} |",
        f"| good modules that did not pass | {len(good)} |"
        f" {len(good) - _passed(good, False)} | {len(good) - _passed(good, True)} |",
    ]


def _passed(runs: Sequence[Compared], on_candidate: bool) -> int:
    played = [run.candidate if on_candidate else run.baseline for run in runs]
    return sum(item is not None and item.outcome == PASS for item in played)


def _grouped(comparison: Comparison) -> list[str]:
    """Make one row of all findings of a kind on one measurement."""
    findings = comparison.findings
    if not findings:
        told = "Nothing changed beyond its tolerance."
        return ["No run has a verdict." if comparison.unsure else told, ""]
    groups: dict[tuple[Difference, str, str, str], list[Finding]] = {}
    for found in sorted(findings, key=lambda f: list(Difference).index(f.kind)):
        key = (found.kind, found.job.sequence, found.step, found.measurement)
        groups.setdefault(key, []).append(found)
    lines = [
        "| what | where | measurement or run | runs | worst |",
        "|---|---|---|---|---|",
    ]
    for (kind, sequence, step, what), group in list(groups.items())[:_ROWS]:
        worst = max(group, key=lambda found: found.moved_ratio)
        what = what or worst.job.question
        place = f"{sequence}/{step}" if step else sequence
        lines.append(
            f"| {kind} | {_cell(place)} | {_cell(what)} | {len(group)} |"
            f" {_cell(worst.text)} |"
        )
    if len(groups) > _ROWS:
        lines.append(f"| and {len(groups) - _ROWS} more | | | | |")
    return [*lines, ""]


def _images(comparison: Comparison) -> list[str]:
    """List the words of the release image that are others now."""
    if not comparison.image_changes:
        return []
    lines = [f"- {_cell(line)}" for line in comparison.image_changes]
    return ["The release image differs from the baseline's:", "", *lines, ""]


def _name(firmware: FirmwareFile) -> str:
    return "as shipped" if firmware.is_shipped else firmware.digest[:SHOWN]


def _cell(text: str) -> str:
    """Keep a text from breaking out of its table or its line."""
    shown = " ".join(text.split())
    if len(shown) > _LONGEST_CELL:
        shown = f"{shown[:_LONGEST_CELL]}..."
    for mark in ("\\", "|", "<", "`"):
        shown = shown.replace(mark, f"\\{mark}")
    return shown
