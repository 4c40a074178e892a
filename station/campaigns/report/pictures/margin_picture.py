"""Draw margins: the tightest as histograms between their limits, all as a strip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from station.campaigns.report.margins import Margin
from station.campaigns.report.pictures import svg

GOOD_CPK = 1.33
POOR_CPK = 1.0
MOST_CPK = 10.0
"""Beyond this only the words "over 10" are of use."""

_CELL_WIDTH_PX, _CELL_HEIGHT_PX = 256.0, 122.0
_COLUMNS = 4
_PLOT_PX = 236.0
_STRIP_WIDTH_PX = 1040.0
_NAMES_PX = 318.0
_AXIS_PX = 540.0
_STRIP_ROW_PX = 14.0


def colour_of(cpk: float | None) -> str:
    """Choose the colour of a Cpk."""
    if cpk is None or cpk >= GOOD_CPK:
        return svg.BLUE
    return svg.ORANGE if cpk >= POOR_CPK else svg.VERMILION


def cpk_words(cpk: float | None) -> str:
    """Write a Cpk."""
    if cpk is None:
        return "no spread"
    return "Cpk over 10" if cpk > MOST_CPK else f"Cpk {cpk:.2f}"


def draw_histograms(margins: Sequence[Margin]) -> str:
    """Draw small histograms, four beside each other, each between its limits."""
    rows = -(-len(margins) // _COLUMNS)
    body: list[str] = []
    for index, margin in enumerate(margins):
        x_px = (index % _COLUMNS) * (_CELL_WIDTH_PX + 5)
        body += _histogram(margin, x_px, (index // _COLUMNS) * _CELL_HEIGHT_PX)
    height_px = rows * _CELL_HEIGHT_PX + 2
    return svg.picture(_STRIP_WIDTH_PX, height_px, "Tightest margins", body)


def _histogram(margin: Margin, x_px: float, y_px: float) -> Iterator[str]:
    low, high = _window(margin)
    base_px = y_px + 92.0
    left_px = x_px + 8.0

    def at_px(value: float) -> float:
        return left_px + _PLOT_PX * (value - low) / (high - low)

    yield svg.text(
        left_px, y_px + 15, svg.shortened(margin.name, 40), size_px=11, bold=True
    )
    words = f"{cpk_words(margin.cpk_ratio)} · worst margin {_margin_words(margin)}"
    yield svg.text(left_px, y_px + 29, words, size_px=10.5, fill=svg.QUIET)
    tallest = max(margin.histogram.counts)
    span = margin.histogram.high - margin.histogram.low
    width = span / len(margin.histogram.counts)
    for index, count in enumerate(margin.histogram.counts):
        from_px = at_px(margin.histogram.low + index * width)
        bar_px = max(1.4, _PLOT_PX * width / (high - low))
        tall_px = 52.0 * count / tallest
        if count:
            tall_px = max(1.0, tall_px)
            yield svg.rect(
                from_px, base_px - tall_px, bar_px, tall_px, colour_of(margin.cpk_ratio)
            )
    yield svg.line(left_px, base_px, left_px + _PLOT_PX, base_px, svg.QUIET)
    yield from _limit_lines(
        margin, at_px(margin.low or 0), at_px(margin.high or 0), base_px
    )


def _limit_lines(
    margin: Margin, low_px: float, high_px: float, base_px: float
) -> Iterator[str]:
    for limit, x_px, anchor in (
        (margin.low, low_px, "start"),
        (margin.high, high_px, "end"),
    ):
        if limit is None:
            continue
        yield svg.line(x_px, base_px - 56, x_px, base_px + 4, svg.INK, width_px=1.6)
        place_px = x_px - 2 if anchor == "start" else x_px + 2
        last = anchor == "end" or margin.high is None
        words = svg.with_unit(limit, margin.unit) if last else svg.number(limit)
        if margin.low is None or margin.high is None:
            words = ("≥ " if anchor == "start" else "≤ ") + words
        yield svg.text(place_px, base_px + 15, words, size_px=10, anchor=anchor)


def _window(margin: Margin) -> tuple[float, float]:
    """Choose what a histogram shows: the limits and everything that was measured."""
    edges = [margin.value_low, margin.value_high, margin.histogram.low]
    edges += [edge for edge in (margin.low, margin.high) if edge is not None]
    low, high = min(edges), max(edges)
    room = 0.04 * (high - low) or 1.0
    return low - room, high + room


def _margin_words(margin: Margin) -> str:
    return svg.with_unit(margin.worst_margin, margin.unit)


def draw_strip(margins: Sequence[Margin]) -> str:
    """Draw every measurement between its limits: 5 to 95 % and the extremes."""
    body = list(_strip_head(len(margins)))
    for index, margin in enumerate(margins):
        body += _strip_row(margin, 34.0 + index * _STRIP_ROW_PX)
    height_px = 40.0 + _STRIP_ROW_PX * len(margins)
    return svg.picture(_STRIP_WIDTH_PX, height_px, "All margins", body)


def _strip_head(rows: int) -> Iterator[str]:
    bottom_px = 34.0 + rows * _STRIP_ROW_PX
    for share, words in ((0.0, "low limit"), (0.5, "middle"), (1.0, "high limit")):
        x_px = _NAMES_PX + share * _AXIS_PX
        yield svg.text(x_px, 14, words, fill=svg.QUIET, anchor="middle")
        dashed = share == 0.5
        colour = svg.FAINT if dashed else svg.INK
        yield svg.line(x_px, 20, x_px, bottom_px, colour, dashed=dashed)
    yield svg.text(_NAMES_PX + _AXIS_PX + 82, 14, "Cpk", anchor="end", bold=True)
    yield svg.text(_STRIP_WIDTH_PX - 4, 14, "worst margin", anchor="end", bold=True)


def _strip_row(margin: Margin, y_px: float) -> Iterator[str]:
    low, high = _scale(margin)
    middle_px = y_px + _STRIP_ROW_PX / 2

    def at_px(value: float) -> float:
        share = (value - low) / (high - low)
        return _NAMES_PX + _AXIS_PX * min(1.01, max(-0.01, share))

    colour = colour_of(margin.cpk_ratio)
    yield svg.text(
        _NAMES_PX - 14, middle_px + 3.5, margin.name, size_px=10.5, anchor="end"
    )
    yield svg.line(_NAMES_PX, middle_px, _NAMES_PX + _AXIS_PX, middle_px, "#eceff2")
    yield svg.line(
        at_px(margin.value_low), middle_px, at_px(margin.value_high), middle_px, colour
    )
    p5_px, p50_px, p95_px = (at_px(margin.percentiles[i]) for i in (0, 2, 4))
    yield svg.rect(p5_px, middle_px - 3.5, max(1.5, p95_px - p5_px), 7, colour)
    yield svg.line(p50_px, middle_px - 5, p50_px, middle_px + 5, svg.INK, width_px=1.5)
    cpk_text = cpk_words(margin.cpk_ratio).removeprefix("Cpk ")
    right_px = _NAMES_PX + _AXIS_PX + 82
    yield svg.text(right_px, middle_px + 3.5, cpk_text, size_px=10.5, anchor="end")
    yield svg.text(
        _STRIP_WIDTH_PX - 4,
        middle_px + 3.5,
        _margin_words(margin),
        size_px=10.5,
        anchor="end",
    )


def _scale(margin: Margin) -> tuple[float, float]:
    """Choose the ends of a row: its limits; with one, the median is in the middle."""
    median = margin.percentiles[2]
    low, high = margin.low, margin.high
    if low is None:
        low = 2 * median - high if high is not None and high > median else median - 1.0
    if high is None:
        high = 2 * median - low if low < median else median + 1.0
    return (low, high) if high > low else (low - 1.0, low + 1.0)
