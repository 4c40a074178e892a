"""Accept a serial number only in its exact form; the form is data.

The serial ends up in file names, reports and queries, so nothing but the form in
`serial_number.toml` gets past this point.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from station.errors import BadSerial, escape

DEFAULT_FORM = Path(__file__).with_name("serial_number.toml")


@dataclass(frozen=True, slots=True)
class SerialForm:
    """The form of a serial number, as the data file gives it."""

    pattern: re.Pattern[str]
    form: str
    longest: int
    first_week: int
    last_week: int

    def check(self, text: str) -> str:
        """Return the serial number unchanged if it has the form.

        Raises:
            BadSerial: too long, other characters, or a week that no year has.
        """
        if len(text) > self.longest:
            raise BadSerial(
                f"serial number {escape(text)}: longer than {self.longest} characters;"
                f" scan a serial of the form {self.form}"
            )
        match = self.pattern.fullmatch(text)
        # `$` also matches before a final newline; fullmatch alone does not say so.
        if match is None or not text.isprintable():
            raise BadSerial(
                f"serial number '{escape(text)}': not of the form {self.form};"
                " scan the label again"
            )
        week = int(match["week"])
        if not self.first_week <= week <= self.last_week:
            raise BadSerial(
                f"serial number {text}: week {match['week']} is not in"
                f" {self.first_week:02d}..{self.last_week:02d}; scan the label again"
            )
        return text


def load_serial_form(file: Path = DEFAULT_FORM) -> SerialForm:
    """Load the form of a serial number from its data file."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return SerialForm(
        pattern=re.compile(data["pattern"], re.ASCII),
        form=data["form"],
        longest=data["longest"],
        first_week=data["first_week"],
        last_week=data["last_week"],
    )
