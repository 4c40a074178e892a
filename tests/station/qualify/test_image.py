"""The register image that a release brings along."""

from __future__ import annotations

from dataclasses import replace

from phases.release_image import ReleaseImage, load_release_image
from station.qualify.compare import Comparison
from station.qualify.firmware_file import FirmwareFile, load_firmware
from station.qualify.image import image_changes
from station.qualify_command import BASELINE


def with_word(address: int, word: int) -> FirmwareFile:
    """Take the shipped firmware with one word of its image changed."""
    words = load_release_image().words | {address: word}
    image = ReleaseImage("another", words)
    return replace(load_firmware(BASELINE), image=image)


def test_threshold_changed_with_its_image_is_reported() -> None:
    """A cell limit that no stimulus reaches would be released unseen."""
    shipped = load_firmware(BASELINE)
    (line,) = image_changes(shipped, with_word(51, 3950))
    assert line.startswith("register 51: word ")
    assert line.endswith(" before, 3950 now")
    assert Comparison(image_changes=(line,)).changed


def test_same_image_is_no_change() -> None:
    """Every release would be held back."""
    shipped = load_firmware(BASELINE)
    word = load_release_image().words[51]
    assert image_changes(shipped, with_word(51, word)) == []
