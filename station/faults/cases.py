"""A case: which run, which call of it, and what goes wrong there; and its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from station.errors import BadOption, escape

NOMINAL = "nominal"
_NAME = re.compile(
    r"(?P<sequence>\w+):(?P<module>nominal|\d{1,9}):(?P<kind>\w+):(?P<persistence>once|on)"
    r":(?P<call>\d{1,9})"
)


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """One fault in one run; `seed` draws the module, None is the nominal one.

    What follows from the call is no part of the name: its seam, and `whole` where it
    stands inside a transaction, in which a run cannot be split.
    """

    sequence: str
    seed: int | None
    kind: str
    persistence: str
    call: int
    seam: str = field(default="", compare=False)
    whole: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """Name the case so that it can be replayed."""
        module = NOMINAL if self.seed is None else str(self.seed)
        return f"{self.sequence}:{module}:{self.kind}:{self.persistence}:{self.call}"


def parse_case(name: str) -> Case:
    """Parse the name of a case.

    Raises:
        BadOption: it has another form.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise BadOption(
            f"case {escape(name)}: write SEQUENCE:MODULE:KIND:once|on:CALL,"
            " as the campaign printed it"
        )
    module = found["module"]
    return Case(
        sequence=found["sequence"],
        seed=None if module == NOMINAL else int(module),
        kind=found["kind"],
        persistence=found["persistence"],
        call=int(found["call"]),
    )
