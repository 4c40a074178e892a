"""What a report says of its campaign besides the runs: identity, figures, draws."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of defects by seed, whenever it was made, and what came of it.

    A plan that is changed afterwards draws again; the earlier draws stay in sight.

    Args:
        campaign: name of the campaign that played it.
        made: date and time.
        seed: the seed of the draw.
        program: identity of plan, limits and program that it judged.
        played: runs played so far; those that nobody could play are errors.
        detected, escaped, errors: what they came to.
    """

    campaign: str
    made: str
    seed: int
    program: str
    played: int
    detected: int
    escaped: int
    errors: int


@dataclass(frozen=True, slots=True)
class About:
    """Which campaign this is.

    Args:
        campaign: its name.
        program: identity of plan, limits and program.
        made: when it was played, date and time.
        facts: further lines for the head of the page, each a label and a text.
        draws: every draw ever made that the store knows.
        warnings: what makes this report less than it should be, one line each.
    """

    campaign: str
    program: str
    made: str
    facts: tuple[tuple[str, str], ...] = ()
    draws: tuple[Draw, ...] = ()
    warnings: tuple[str, ...] = ()
