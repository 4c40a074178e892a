"""Write the report as one page that needs nothing else: no network, no other file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from station.campaigns.report.assemble import Report
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
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["number"] = _number
    css = (_FOLDER / "page.css").read_text(encoding="utf-8")
    drawn = {
        name: Markup(svg)  # noqa: S704  drawn by us, every text in it escaped
        for name, svg in _pictures(report).items()
    }
    template = environment.get_template("page.html.j2")
    return template.render(
        report=report,
        tally=report.tally,
        css=Markup(css),  # noqa: S704  our own file
        needs=_NEEDS,
        strips=[Markup(svg) for svg in _strips(report)],  # noqa: S704
        histograms=[Markup(svg) for svg in _histograms(report)],  # noqa: S704
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


def _tightest(report: Report) -> Sequence[Margin]:
    return [m for m in report.margins if m.cpk_ratio is not None][:_TIGHTEST]


def _strips(report: Report) -> list[str]:
    """Draw the strip in pieces that fit a sheet of paper."""
    return [
        draw_strip(report.margins[start : start + _STRIP_ROWS])
        for start in range(0, len(report.margins), _STRIP_ROWS)
    ]


def _histograms(report: Report) -> list[str]:
    tightest = _tightest(report)
    return [
        draw_histograms(tightest[start : start + _HISTOGRAMS])
        for start in range(0, len(tightest), _HISTOGRAMS)
    ]


def _cost_pictures(report: Report) -> list[tuple[str, str]]:
    sequences = dict.fromkeys(cost.sequence for cost in report.costs)
    return [
        (name, draw_costs([cost for cost in report.costs if cost.sequence == name]))
        for name in sequences
    ]


def _figures(report: Report) -> dict[str, Any]:
    tally = report.tally
    return {
        "tightest": _tightest(report),
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


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else number(value)
