"""The firmware of the module under test: other parameters, or a compiled library.

The two reference modules keep the shipped model, whatever is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from instruments.sim.bms.interface import BmsInitial, BmsUnit
from instruments.sim.bms.unit import make_bms
from instruments.sim.defects import Change
from instruments.sim.parameters import Parameters

UNDER_TEST = "module"


@dataclass(frozen=True, slots=True)
class Firmware:
    """What another release sets in the model, or the library that takes its place.

    `library` is a path, empty for the model; it travels to workers as plain text.
    """

    changes: tuple[Change, ...] = ()
    library: str = ""

    def make_unit(
        self, parameters: Parameters, name: str, seed: int, initial: BmsInitial
    ) -> BmsUnit:
        """Make the BMS of one module.

        Raises:
            BenchFileError: a parameter or the library cannot be used.
        """
        if not self.library or name != UNDER_TEST:
            return make_bms(parameters, name, seed, initial)
        from instruments.sim.bms.shared_library import make_library_bms

        return make_library_bms(Path(self.library), name, initial)


SHIPPED = Firmware()
