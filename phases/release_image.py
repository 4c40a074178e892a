"""The released firmware's register image: raw words to compare with."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ReleaseImage:
    """Raw words by register address; status provisional, scales unknown."""

    release: str
    words: dict[int, int]

    def expected(self, start: int, count: int) -> tuple[int, ...]:
        """List the image's words from an address on.

        Raises:
            KeyError: the image does not hold one of them.
        """
        return tuple(self.words[start + offset] for offset in range(count))

    def matches(self, start: int, words: Sequence[int]) -> bool:
        """Tell whether the words from an address on equal the image's."""
        return all(
            self.words.get(start + offset) == word for offset, word in enumerate(words)
        )


def load_release_image() -> ReleaseImage:
    """Read the image that stands beside this module."""
    text = files("phases").joinpath("release_image.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    return ReleaseImage(
        str(raw["release"]),
        {int(address): int(word) for address, word in raw["words"].items()},
    )
