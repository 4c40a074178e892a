"""Turn hue, saturation and intensity into one of the station's LED colours."""

from __future__ import annotations

from importlib.resources import files

import msgspec

from instruments.roles import LED_COLOURS, LED_OFF

_CIRCLE_DEG = 360.0
_FULL_PCT = 100


class HueBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One colour and its hue band [degrees], low included, high excluded."""

    colour: str
    low_deg: float
    high_deg: float


class ColourTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the content of ``feasa_colours.toml``."""

    status: str
    dark_below_intensity: int
    grey_below_saturation_pct: int
    hue: tuple[HueBand, ...]

    def colour(self, hue_deg: float, saturation_pct: int, intensity: int) -> str | None:
        """Name the colour of one LED; None when it is none of the known ones."""
        if intensity < self.dark_below_intensity:
            return LED_OFF
        if not self.grey_below_saturation_pct <= saturation_pct <= _FULL_PCT:
            return None
        if hue_deg > _CIRCLE_DEG:
            return None
        hue_deg %= _CIRCLE_DEG  # the analyser rounds 359.995 to 360.00
        for band in self.hue:
            if band.low_deg <= hue_deg < band.high_deg and band.colour in LED_COLOURS:
                return band.colour
        return None


def load_colours() -> ColourTable:
    """Load the table shipped beside this module."""
    text = files("instruments.drivers").joinpath("feasa_colours.toml").read_text()
    return msgspec.toml.decode(text, type=ColourTable)
