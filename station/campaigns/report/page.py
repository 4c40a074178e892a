"""Write the report as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from station.campaigns.report.assemble import Report
from station.campaigns.report.bounds import (
    DETECTION_WANTED_PCT,
    FALSE_FAILS_WANTED_PCT,
)
from station.campaigns.report.margins import Margin
from station.campaigns.report.matrix import Fragile
from station.campaigns.report.necessity import LeftOut, Need
from station.campaigns.report.pictures.cost_picture import draw_costs
from station.campaigns.report.pictures.margin_picture import (
    draw_histograms,
    draw_strip,
)
from station.campaigns.report.pictures.matrix_picture import (
    draw_families,
    draw_legend,
    draw_overview,
)
from station.campaigns.report.pictures.svg import number

_FOLDER = Path(__file__).parent
_TIGHTEST = 24
_STRIP_ROWS = 44
_HISTOGRAMS = 12
_NEEDS = {
    Need.NEEDED: "needed",
    Need.NOT_KNOWN: "not known",
    Need.NOT_NEEDED: "not needed",
}


def write_page(report: Report) -> str:
    """Write the whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["pct"] = _percent
    css = (_FOLDER / "page.css").read_text(encoding="utf-8")
    drawn = {
        name: Markup(svg)  # noqa: S704  drawn by us, every text in it escaped
        for name, svg in _pictures(report).items()
    }
    template = environment.get_template("page.html.j2")
    return template.render(
        report=report,
        tally=report.tally,
        detection_wanted_pct=DETECTION_WANTED_PCT,
        false_fails_wanted_pct=FALSE_FAILS_WANTED_PCT,
        css=Markup(css),  # noqa: S704  our own file
        needs=_NEEDS,
        margin_groups=[_margin_group(report, name) for name in _judged_in(report)],
        cost_pictures=[
            (name, Markup(svg))  # noqa: S704
            for name, svg in _cost_pictures(report)
        ],
        families=[
            {"heading": f.heading, "svg": Markup(f.svg)}  # noqa: S704
            for f in draw_families(report.matrix)
        ],
        **drawn,
        **_figures(report),
    )


def _pictures(report: Report) -> dict[str, str]:
    return {
        "overview": draw_overview(report.matrix),
        "legend": draw_legend(),
    }


def _judged_in(report: Report) -> list[str]:
    """List the sequences in which healthy modules were measured."""
    return list(dict.fromkeys(margin.sequence for margin in report.margins))


def _margin_group(report: Report, sequence: str) -> dict[str, Any]:
    """Draw the margins of one sequence, in pieces that fit a sheet of paper."""
    margins = [m for m in report.margins if m.sequence == sequence]
    tightest = [m for m in margins if m.cpk_ratio is not None][:_TIGHTEST]
    return {
        "sequence": sequence,
        "count": len(margins),
        "tightest": len(tightest),
        "histograms": [
            Markup(draw_histograms(piece))  # noqa: S704
            for piece in _pieces(tightest, _HISTOGRAMS)
        ],
        "strips": [
            Markup(draw_strip(piece))  # noqa: S704
            for piece in _pieces(margins, _STRIP_ROWS)
        ],
    }


def _pieces(margins: Sequence[Margin], most: int) -> list[Sequence[Margin]]:
    return [margins[start : start + most] for start in range(0, len(margins), most)]


def _cost_pictures(report: Report) -> list[tuple[str, str]]:
    sequences = dict.fromkeys(cost.sequence for cost in report.costs)
    return [
        (name, draw_costs([cost for cost in report.costs if cost.sequence == name]))
        for name in sequences
    ]


def _figures(report: Report) -> dict[str, Any]:
    tally = report.tally
    return {
        "all_runs": sum(count.runs for count in tally.by_kind),
        "most_caught": max([row.caught for row in report.necessity.steps], default=0),
        "bad_runs": sum(count.runs for count in tally.by_severity),
        "wrong_answers": [item for item in report.answers if item.failed],
        "limits_by_need": _by_need(report.necessity.limits),
        "asked_one_step": _asked(report.matrix.one_step),
        "asked_one_limit": _asked(report.matrix.one_limit),
    }


def _by_need(rows: Sequence[LeftOut]) -> Mapping[str, Sequence[LeftOut]]:
    """Sort limits by what leaving them out would do, the most needed first."""
    ordered = sorted(
        rows, key=lambda row: (-len(row.let_through), -len(row.not_known), row.name)
    )
    return {need.value: [row for row in ordered if row.need is need] for need in Need}


def _asked(found: Sequence[Fragile]) -> int:
    return sum(not item.stopped for item in found)


def _percent(value_pct: float) -> str:
    """Write a small rate with the digits that tell it from its wanted value."""
    return f"{value_pct:.4f}" if value_pct < 1.0 else f"{value_pct:.1f}"


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else number(value)
