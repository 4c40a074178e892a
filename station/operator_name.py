"""Accept the name of whoever works at the bench: something a person could have typed.

It stands in records, reports and on screens, and is never part of a path or a query.
"""

from __future__ import annotations

from station.errors import BadOption, escape

LONGEST = 80


def check_operator(name: str) -> str:
    """Return the name unchanged if it can be shown and names somebody.

    Raises:
        BadOption: empty, too long, spaces at an end, no letter or digit, or a
            character that does not print.
    """
    named = any(character.isalnum() for character in name)
    if not named or len(name) > LONGEST or not is_one_text(name):
        raise BadOption(
            f"operator '{escape(name)}': write a name of 1 to {LONGEST} printable"
            " characters, without spaces at its ends"
        )
    return name


def is_one_text(text: str) -> bool:
    """Tell whether a text prints on one line and neither begins nor ends blank."""
    return text.isprintable() and text == text.strip() != ""
