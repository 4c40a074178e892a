"""Draw what each step costs on the left, and what it catches on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from station.campaigns.report.cost import Cost
from station.campaigns.report.pictures import svg

_WIDTH_PX = 1040.0
_MIDDLE_PX = 520.0
_NAMES_PX = 200.0
_BAR_PX = 320.0
_ROW_PX = 22.0
_HEAD_PX = 46.0


def draw_costs(costs: Sequence[Cost]) -> str:
    """Draw one sequence; both sides are linear and begin at zero."""
    if not costs:
        return ""
    longest_s = max(cost.bench_s for cost in costs) or 1.0
    most = max(cost.caught for cost in costs) or 1
    body = [svg.HATCH, *_heads()]
    for index, cost in enumerate(costs):
        body += _row(cost, _HEAD_PX + index * _ROW_PX, longest_s, most)
    height_px = _HEAD_PX + _ROW_PX * len(costs) + 6
    return svg.picture(_WIDTH_PX, height_px, "Bench time and catch by step", body)


def _heads() -> Iterator[str]:
    left_px, right_px = _MIDDLE_PX - _NAMES_PX / 2, _MIDDLE_PX + _NAMES_PX / 2
    yield svg.text(
        left_px, 14, "Median bench time on a healthy module", anchor="end", bold=True
    )
    yield svg.text(right_px, 14, "Bad modules caught", bold=True)
    for place_px, fill, words in (
        (0, svg.BLUE, "only this step failed"),
        (134, svg.HATCHED, "run stopped there"),
        (254, svg.LIGHT_BLUE, "another failed, too"),
    ):
        yield svg.rect(right_px + place_px, 24, 10, 10, fill)
        yield svg.text(right_px + place_px + 15, 33, words, fill=svg.QUIET)


def _row(cost: Cost, y_px: float, longest_s: float, most: int) -> Iterator[str]:
    left_px, right_px = _MIDDLE_PX - _NAMES_PX / 2, _MIDDLE_PX + _NAMES_PX / 2
    name = cost.step.replace("_", " ")
    yield svg.text(_MIDDLE_PX, y_px + 14, name, size_px=12, anchor="middle")
    width_px = _BAR_PX * cost.bench_s / longest_s
    yield svg.rect(left_px - width_px, y_px + 3, width_px, _ROW_PX - 6, "#8a949d")
    yield svg.text(
        left_px - width_px - 6, y_px + 14, _time(cost), anchor="end", fill=svg.QUIET
    )
    caught_px = _BAR_PX * cost.caught / most
    elsewhere = cost.caught - cost.only - cost.stopped
    x_px = right_px
    for count, fill in (
        (cost.only, svg.BLUE),
        (cost.stopped, svg.HATCHED),
        (elsewhere, svg.LIGHT_BLUE),
    ):
        yield svg.rect(x_px, y_px + 3, _BAR_PX * count / most, _ROW_PX - 6, fill)
        x_px += _BAR_PX * count / most
    words = f"{cost.caught}, alone {cost.only}" if cost.caught else "none"
    colour = svg.QUIET if cost.caught else svg.VERMILION
    yield svg.text(right_px + caught_px + 6, y_px + 14, words, fill=colour)


def _time(cost: Cost) -> str:
    if cost.bench_s < 100:
        return f"{cost.bench_s:.0f} s ({cost.share_pct:.1f} %)"
    return f"{cost.bench_s / 60:.0f} min ({cost.share_pct:.0f} %)"
