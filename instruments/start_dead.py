"""Begin dead: whatever the run before left behind goes off before anything else.

A run that was killed may have left the load on behind the open contactor, or a line
closed. Nothing is energised before sources and lines read back off.
"""

from __future__ import annotations

from instruments.errors import BenchNotDead
from instruments.parts import BenchParts


def start_dead(parts: BenchParts) -> None:
    """Switch supply and load off, open every line, and read all of it back.

    Raises:
        BenchNotDead: source or contactor did not follow.
        InstrumentError: an instrument refused or fell silent.
    """
    parts.supply.set_output(False)
    parts.load.set_input(False)
    parts.switchbox.open_lines(parts.switchbox.line_names)
    for who, still_on in (
        ("supply", parts.supply.read_output()),
        ("load", parts.load.read_input()),
        ("fixture contactor", parts.switchbox.read_inputs()["contactor_closed"]),
    ):
        if still_on:
            raise BenchNotDead(
                who,
                "still on after it was switched off at the start",
                "press the emergency stop and look after it before the next run",
            )
