"""OpenHTF by itself, on a bench of one fake supply: what it says, what it leaves on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar

import openhtf as htf
from openhtf.util import console_output

from station.wiring import bare_argv

PINNED = "1.6.3"
SERIAL = "WE-4K4P-26-47-0001"


def changed(fact: str) -> str:
    """Say what to do when the pinned OpenHTF does not show a fact any more."""
    return (
        f"openhtf {version('openhtf')} no longer shows this: {fact}."
        " Read what changed, then decide again what the gate has to do about it"
    )


class Supply(htf.BasePlug):  # type: ignore[misc]
    """A supply that remembers its output beyond the life of any plug object."""

    is_on: ClassVar[bool] = False

    @classmethod
    def switch(cls, on: bool) -> None:
        """Switch the output of this kind of supply."""
        cls.is_on = on

    def tearDown(self) -> None:
        """Switch off, as a plug should."""
        self.switch(False)


def new_supply(**methods: Any) -> type[Supply]:
    """Make a supply of its own for one test, with some methods replaced."""
    return type("OneSupply", (Supply,), methods)


@dataclass(frozen=True, slots=True)
class Alone:
    """What OpenHTF made of one test."""

    said: bool
    record: Any

    @property
    def outcome(self) -> str:
        """Name the outcome."""
        return str(self.record.outcome.name)

    @property
    def ran(self) -> list[str]:
        """List the phases in the record."""
        return [phase.name for phase in self.record.phases]


def run_alone(
    *nodes: Any,
    start: Callable[[], str] | None = lambda: SERIAL,
    callbacks: tuple[Callable[[Any], object], ...] = (),
) -> Alone:
    """Execute a test as OpenHTF's own documentation does."""
    console_output.CLI_QUIET = True
    records: list[Any] = []
    with bare_argv():
        test = htf.Test(*nodes, test_name="alone")
        test.add_output_callbacks(*callbacks, records.append)
        said = test.execute(test_start=start)
    return Alone(said, records[0])


def measuring(name: str, value: object, *validators: Any) -> Any:
    """Make a phase that sets one measurement."""
    measurement = htf.Measurement(name)
    for validator in validators:
        measurement = measurement.with_validator(validator)

    @htf.measures(measurement)  # type: ignore[untyped-decorator]
    def phase(test: Any) -> None:
        test.measurements[name] = value

    return phase
