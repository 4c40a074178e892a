"""Write SVG elements as text."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

INK = "#1b1f24"
QUIET = "#667079"
FAINT = "#d9dee3"
BLUE = "#0072b2"
LIGHT_BLUE = "#a6cee8"
ORANGE = "#e69f00"
VERMILION = "#d55e00"
WHITE = "#ffffff"
HATCHED = "url(#hatched)"
"""Fill of what is not known; a picture that uses it begins with HATCH."""
HATCH = (
    '<defs><pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="5" height="5" fill="#eef1f4"/>'
    '<rect width="2" height="5" fill="#8a949d"/></pattern></defs>'
)


def picture(width_px: float, height_px: float, title: str, body: Iterable[str]) -> str:
    """Frame a picture; `title` is what a screen reader says."""
    return (
        f'<svg viewBox="0 0 {width_px:g} {height_px:g}" width="{width_px:g}" '
        f'height="{height_px:g}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(body)}</svg>'
    )


def rect(
    x_px: float,
    y_px: float,
    width_px: float,
    height_px: float,
    fill: str,
    *,
    stroke: str = "none",
    tip: str = "",
) -> str:
    """Draw a rectangle; `tip` is shown where the pointer rests."""
    inner = f"<title>{escape(tip)}</title>" if tip else ""
    return (
        f'<rect x="{x_px:.1f}" y="{y_px:.1f}" width="{max(width_px, 0.0):.1f}" '
        f'height="{height_px:.1f}" fill="{fill}" stroke="{stroke}">{inner}</rect>'
    )


def line(
    x1_px: float,
    y1_px: float,
    x2_px: float,
    y2_px: float,
    stroke: str = FAINT,
    *,
    width_px: float = 1.0,
    dashed: bool = False,
) -> str:
    """Draw a line."""
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<line x1="{x1_px:.1f}" y1="{y1_px:.1f}" x2="{x2_px:.1f}" y2="{y2_px:.1f}" '
        f'stroke="{stroke}" stroke-width="{width_px:g}"{dash}/>'
    )


def circle(
    x_px: float, y_px: float, radius_px: float, fill: str, stroke: str = "none"
) -> str:
    """Draw a circle."""
    return (
        f'<circle cx="{x_px:.1f}" cy="{y_px:.1f}" r="{radius_px:g}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="1.3"/>'
    )


def text(
    x_px: float,
    y_px: float,
    words: str,
    *,
    size_px: float = 11.0,
    fill: str = INK,
    anchor: str = "start",
    bold: bool = False,
    turned_deg: float = 0.0,
    tip: str = "",
) -> str:
    """Write words; `turned_deg` turns them about their own beginning."""
    inner = f"<title>{escape(tip)}</title>" if tip else ""
    turn = (
        f' transform="rotate({turned_deg:g} {x_px:.1f} {y_px:.1f})"'
        if turned_deg
        else ""
    )
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x_px:.1f}" y="{y_px:.1f}" font-size="{size_px:g}" fill="{fill}" '
        f'text-anchor="{anchor}"{weight}{turn}>{inner}{escape(words)}</text>'
    )


def with_unit(value: float, unit: str) -> str:
    """Write a number with its unit; "1" is the unit of counts and is left out."""
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def shortened(words: str, letters: int) -> str:
    """Cut words that are too long for their place."""
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def number(value: float) -> str:
    """Write a number with the digits that a reader needs."""
    size = abs(value)
    if size >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}" if size >= 0.001 or size == 0 else f"{value:.2e}"
