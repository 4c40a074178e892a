"""Every number of the simulated world, flat and immutable, defects applied.

Order: files, then the draw of the population (with a seed), then the defect files.
The simulated world never reads ``limits/``: what is judged and what is simulated
come from two hands (design.md 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from instruments.errors import BenchFileError
from instruments.sim.defects import (
    Change,
    DefectFile,
    Fault,
    FaultKind,
    apply_change,
    load_defect,
    load_fault_kinds,
)
from instruments.sim.parameter_files import (
    FOLDER,
    ROOTS,
    Parameter,
    Value,
    load_parameter_files,
)
from instruments.sim.population import draw_population, load_draws, stream

__all__ = ["Parameters", "Target", "load_parameters", "stream"]

PEERS = ("peer1", "peer2")


class Target(NamedTuple):
    """One line of ``station defects targets``."""

    target: str
    unit: str
    default: Value
    source: str
    status: str


class Parameters:
    """The values of one simulated bench.

    A peer has the undamaged, undrawn value of the module under test wherever no key
    of its own (``peer1.``, ``peer2.``) says otherwise.
    """

    def __init__(
        self,
        defaults: Mapping[str, Parameter],
        values: Mapping[str, Value],
        faults: Sequence[Fault] = (),
        defects: Sequence[DefectFile] = (),
        seed: int | None = None,
    ) -> None:
        self._defaults = MappingProxyType(dict(defaults))
        self._values = MappingProxyType(dict(values))
        self._faults = tuple(faults)
        self.defects = tuple(defects)
        self.seed = seed

    def value(self, key: str) -> Value:
        """Read one value, unit as in its name.

        Raises:
            KeyError: no such parameter.
        """
        if key in self._values:
            return self._values[key]
        fallback = module_key(key)
        if fallback is not None and fallback in self._defaults:
            return self._defaults[fallback].value
        raise KeyError(f"no parameter {key} in {FOLDER.name}/*.toml")

    def section(self, prefix: str) -> Mapping[str, Value]:
        """Read all values below a prefix, by their names relative to it."""
        found: dict[str, Value] = {}
        head = prefix + "."
        fallback = module_key(head)
        if fallback is not None:
            for key, parameter in self._defaults.items():
                if key.startswith(fallback):
                    found[key[len(fallback) :]] = parameter.value
        for key, value in self._values.items():
            if key.startswith(head):
                found[key[len(head) :]] = value
        return found

    def has_fault(self, target: str, name: str) -> bool:
        """Tell whether a named fault is switched on, at any time."""
        return any(f.target == target and f.name == name for f in self._faults)

    def faults(self, target: str) -> tuple[Fault, ...]:
        """List the faults of one target."""
        return tuple(fault for fault in self._faults if fault.target == target)

    def targets(self) -> tuple[Target, ...]:
        """List every target with unit and undamaged default, in file order.

        Every ``module.`` target exists as ``peer1.`` and ``peer2.`` too.
        """
        return tuple(
            Target(key, entry.unit, entry.value, entry.source, entry.status)
            for key, entry in self._defaults.items()
        )


def module_key(key: str) -> str | None:
    """Turn a peer's key into the module's, or None for any other key."""
    for peer in PEERS:
        if key.startswith(peer + "."):
            return "module" + key[len(peer) :]
    return None


def load_parameters(
    defects: Sequence[Path | DefectFile] = (),
    seed: int | None = None,
    folder: Path = FOLDER,
    firmware: Sequence[Change] = (),
) -> Parameters:
    """Load the simulated bench: files, firmware, draw, defects (files, or as read).

    `firmware` is what another release sets in the module under test; the peers keep
    the shipped one.

    Raises:
        BenchFileError: a defect file with an unknown key or target, a target twice.
    """
    defaults = load_parameter_files(folder)
    released = _released(defaults, firmware)
    values = {key: parameter.value for key, parameter in released.items()}
    if seed is not None:
        values.update(draw_population(released, seed, load_draws(folder)))
    kinds = load_fault_kinds(folder)
    files = [d if isinstance(d, DefectFile) else load_defect(d) for d in defects]
    faults: list[Fault] = []
    changed: dict[str, str] = {}
    for file in files:
        for change in file.changes:
            _claim(changed, change.target, change.file)
            _apply(values, defaults, change)
        for fault in file.faults:
            _claim(changed, f"{fault.target}/{fault.name}", file.file)
            _check_fault(file.file, fault, kinds)
            faults.append(fault)
    return Parameters(defaults, values, faults, files, seed)


def _released(
    defaults: dict[str, Parameter], firmware: Sequence[Change]
) -> dict[str, Parameter]:
    """Set what a release of the firmware sets, each target once."""
    if not firmware:
        return defaults
    values = {key: parameter.value for key, parameter in defaults.items()}
    changed: dict[str, str] = {}
    for change in firmware:
        _claim(changed, change.target, change.file)
        _apply(values, defaults, change)
    return {
        key: replace(parameter, value=values[key])
        for key, parameter in defaults.items()
    }


def _apply(
    values: dict[str, Value], defaults: Mapping[str, Parameter], change: Change
) -> None:
    target = change.target
    if target in values:
        values[target] = apply_change(change, values[target])
        return
    fallback = module_key(target)
    if fallback is not None and fallback in defaults:
        values[target] = apply_change(change, defaults[fallback].value)
        return
    why = f"no such target{_nearest(target, defaults)}; see: station defects targets"
    raise BenchFileError(change.file, target, why)


def _claim(changed: dict[str, str], target: str, file: str) -> None:
    if target in changed:
        raise BenchFileError(file, target, f"already changed in {changed[target]}")
    changed[target] = file


def _check_fault(file: str, fault: Fault, kinds: Iterable[FaultKind]) -> None:
    target = module_key(fault.target) or fault.target
    names = [kind.name for kind in kinds if kind.target == target]
    if fault.name in names:
        return
    known = ", ".join(names) if names else "none"
    why = f"no fault {fault.name!r} here; faults of this target: {known}"
    raise BenchFileError(file, fault.target, why)


def _nearest(target: str, known: Iterable[str]) -> str:
    if target.split(".")[0] not in ROOTS:
        return f" (begins with none of {', '.join(ROOTS)})"
    close = get_close_matches(target, list(known), 1)
    return f" (nearest: {close[0]})" if close else ""
