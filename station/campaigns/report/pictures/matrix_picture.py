"""Draw the matrix: one row per defect, one column per step, one mark where it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from station.campaigns.job import Kind
from station.campaigns.report.matrix import Mark, Matrix, Row
from station.campaigns.report.pictures import svg
from station.campaigns.report.seen import DRAWN_FAMILY

_WIDTH_PX = 1040.0
_SLANT_PX = 34.0
_LABEL_PX = 372.0
_HEAD_PX = 118.0
_ROW_PX = 15.0
_HEAT_ROW_PX = 21.0
_TITLE_LETTERS = 74
_ROWS_ON_A_SHEET = 34


@dataclass(frozen=True, slots=True)
class FamilyPicture:
    """The rows of one family in one sequence, drawn."""

    heading: str
    svg: str


def draw_legend() -> str:
    """Draw what the marks of the matrix mean."""
    body = []
    x_px = 4.0
    for mark, expected, words in (
        (Mark.ALWAYS, False, "caught it in every bad run"),
        (Mark.SOMETIMES, False, "caught it in some of them"),
        (Mark.NOT_ASKED, False, "not asked: the run had ended"),
        (Mark.ALWAYS, True, "frame: expected to"),
        (Mark.NOT_ASKED, True, "expected, not asked"),
        (Mark.MISSED, True, "expected, did not catch it"),
    ):
        body += list(_mark(x_px + 8, 11, mark, expected))
        body.append(svg.text(x_px + 22, 15, words, size_px=11.5))
        x_px += 34 + 5.6 * len(words)
    return svg.picture(_WIDTH_PX, 22, "Legend of the matrix", body)


def draw_families(matrix: Matrix) -> list[FamilyPicture]:
    """Draw the matrix of catalogue defects, one picture per sequence and family."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in matrix.rows:
        if row.kind is Kind.CATALOGUE:
            groups.setdefault((row.sequence, row.family), []).append(row)
    return [
        picture
        for (sequence, family), rows in groups.items()
        for picture in _sheets(sequence, family, rows, matrix.steps[sequence])
    ]


def _sheets(
    sequence: str, family: str, rows: Sequence[Row], steps: Sequence[str]
) -> Iterator[FamilyPicture]:
    """Draw a family in pieces that fit a sheet of paper."""
    for start in range(0, len(rows), _ROWS_ON_A_SHEET):
        piece = rows[start : start + _ROWS_ON_A_SHEET]
        heading = f"{_capital(family)}, sequence {sequence}: {len(rows)} defects"
        if len(piece) < len(rows):
            heading += f" ({start + 1} to {start + len(piece)})"
        yield FamilyPicture(heading, _draw_rows(piece, steps))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def draw_overview(matrix: Matrix) -> str:
    """Draw how many defects of each family each step caught, drawn ones included."""
    steps = list(dict.fromkeys(s for each in matrix.steps.values() for s in each))
    groups: dict[str, list[Row]] = {}
    for row in matrix.rows:
        groups.setdefault(row.family, []).append(row)
    column_px = (_WIDTH_PX - _SLANT_PX - 235.0) / max(1, len(steps))
    body = list(_step_names(steps, 235.0, column_px))
    y_px = _HEAD_PX
    for family, rows in sorted(groups.items(), key=lambda g: g[0] == DRAWN_FAMILY):
        body.append(svg.text(0, y_px + 15, _capital(family), size_px=12.5))
        body.append(_right(226, y_px + 15, str(len(rows))))
        counts = {step: sum(step in row.steps for row in rows) for step in steps}
        for index, step in enumerate(steps):
            x_px = 235.0 + index * column_px
            body += _heat(x_px, y_px, column_px, counts[step], len(rows))
        y_px += _HEAT_ROW_PX
    body.append(_right(226, _HEAD_PX - 6, "defects"))
    return svg.picture(_WIDTH_PX, y_px + 4, "Defects caught by family and step", body)


def _heat(
    x_px: float, y_px: float, column_px: float, count: int, whole: int
) -> list[str]:
    share = count / whole
    frame = svg.rect(
        x_px + 1,
        y_px + 1,
        column_px - 2,
        _HEAT_ROW_PX - 2,
        _shade(share),
        stroke="none",
    )
    if not count:
        return [frame]
    ink = svg.WHITE if share > 0.45 else svg.INK
    middle_px = x_px + column_px / 2
    words = svg.text(
        middle_px, y_px + 15, str(count), size_px=11.5, fill=ink, anchor="middle"
    )
    return [frame, words]


def _shade(share: float) -> str:
    """Mix white and blue: the more was caught, the darker."""
    if share <= 0:
        return "#f5f7f9"
    depth = 0.12 + 0.88 * share
    dark = (0, 82, 138)
    mixed = (round(255 + (tone - 255) * depth) for tone in dark)
    return "#" + "".join(f"{tone:02x}" for tone in mixed)


def _draw_rows(rows: Sequence[Row], steps: Sequence[str]) -> str:
    column_px = (_WIDTH_PX - _SLANT_PX - _LABEL_PX) / max(1, len(steps))
    height_px = _HEAD_PX + _ROW_PX * len(rows) + 4
    body = list(_step_names(steps, _LABEL_PX, column_px))
    for index in range(len(steps) + 1):
        x_px = _LABEL_PX + index * column_px
        body.append(svg.line(x_px, _HEAD_PX, x_px, height_px - 4))
    for index, row in enumerate(rows):
        body += _draw_row(row, steps, _HEAD_PX + index * _ROW_PX, column_px)
    return svg.picture(_WIDTH_PX, height_px, "Defects against steps", body)


def _draw_row(
    row: Row, steps: Sequence[str], y_px: float, column_px: float
) -> Iterator[str]:
    missed = row.caught < row.runs
    yield svg.line(0, y_px + _ROW_PX, _WIDTH_PX - _SLANT_PX, y_px + _ROW_PX, "#eceff2")
    yield svg.text(
        0,
        y_px + 11.5,
        ("✗ " if missed else "") + svg.shortened(row.title, _TITLE_LETTERS),
        size_px=11,
        fill=svg.VERMILION if missed else svg.INK,
        bold=missed,
        tip=f"{row.title} ({row.subject}): {row.caught} of {row.runs} runs caught",
    )
    for index, step in enumerate(steps):
        middle_px = _LABEL_PX + (index + 0.5) * column_px
        expected = step in row.expected
        yield from _mark(middle_px, y_px + _ROW_PX / 2, row.marks[step], expected)


def _mark(x_px: float, y_px: float, mark: Mark, expected: bool) -> Iterator[str]:
    """Draw one mark about its middle."""
    if mark is Mark.ALWAYS:
        frame = svg.INK if expected else "none"
        yield svg.rect(x_px - 5, y_px - 5, 10, 10, svg.BLUE, stroke=frame)
    elif mark is Mark.SOMETIMES:
        frame = svg.INK if expected else svg.BLUE
        yield svg.rect(x_px - 5, y_px - 5, 10, 10, svg.WHITE, stroke=frame)
        yield svg.rect(x_px - 5, y_px, 10, 5, svg.BLUE)
    elif expected:
        missed = mark is Mark.MISSED
        colour = svg.VERMILION if missed else "#8a949d"
        yield svg.circle(x_px, y_px, 4.5, svg.WHITE, colour)
        if missed:
            yield svg.line(x_px - 3, y_px + 3, x_px + 3, y_px - 3, colour)
    elif mark is Mark.NOT_ASKED:
        yield svg.circle(x_px, y_px, 1.2, "#b4bcc4")


def _step_names(
    steps: Sequence[str], left_px: float, column_px: float
) -> Iterator[str]:
    for index, step in enumerate(steps):
        x_px = left_px + (index + 0.5) * column_px + 4
        yield svg.text(
            x_px,
            _HEAD_PX - 7,
            step.replace("_", " "),
            size_px=11.5,
            turned_deg=-50,
        )


def _right(x_px: float, y_px: float, words: str) -> str:
    return svg.text(x_px, y_px, words, size_px=11.5, fill=svg.QUIET, anchor="end")
