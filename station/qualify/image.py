"""Compare the register images that two firmwares bring along.

A register is judged against the image of its own release, so that a threshold changed
on purpose is not a defect. Changed it is all the same, and where no stimulus reaches it
the register is the only witness.
"""

from __future__ import annotations

from collections.abc import Sequence

from phases.release_image import ReleaseImage, load_release_image
from station.qualify.firmware_file import FirmwareFile


def image_changes(baseline: FirmwareFile, firmware: FirmwareFile) -> Sequence[str]:
    """List the words that differ, a line each."""
    before, now = _words(baseline), _words(firmware)
    return [
        f"register {address}: word {_word(before, address)} before,"
        f" {_word(now, address)} now"
        for address in sorted(before.keys() | now.keys())
        if before.get(address) != now.get(address)
    ]


def _words(firmware: FirmwareFile) -> dict[int, int]:
    image: ReleaseImage = firmware.image or load_release_image()
    return image.words


def _word(words: dict[int, int], address: int) -> str:
    return str(words[address]) if address in words else "none"
