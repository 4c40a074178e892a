"""Threshold registers: raw words against the released firmware's image.

The scale of registers 51-70 is unknown, so words are compared with words; how far one
may lie from the image stands in the limits, as the trip's own tolerance in words.
"""

from __future__ import annotations

from instruments.bench import Bench
from phases.judge import Judge


def judge_words(
    bench: Bench, judge: Judge, key: str, address: int, count: int = 1
) -> None:
    """Judge how far the worst of some words lies from the image [words]."""
    image = judge.image
    words = bench.parts.service.read_words_decisive(address, count)
    due = image.expected(address, count)
    worst = max(
        (_signed(w) - _signed(d) for w, d in zip(words, due, strict=True)), key=abs
    )
    judge.value(
        key,
        float(worst),
        witness="self_reported",
        note=f"register {address} = {_text(words)}, image {_text(due)}",
    )


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def _text(words: tuple[int, ...]) -> str:
    return ", ".join(str(word) for word in words)
