"""Let a firmware that was compiled as a shared library be the BMS of a module.

`firmware.h` beside this file is the contract. The library runs in this process: one
that hangs or crashes takes the station with it and cannot be caught here; what it
answers is checked, every number of it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from instruments.errors import BenchFileError
from instruments.sim.bms.interface import BmsInitial, BmsUnit
from instruments.sim.bms.library_step import LibraryBms

ABI = 1
SYMBOLS = ("bms_abi", "bms_new", "bms_step", "bms_nvm", "bms_free")
_BEGIN, _END = "/* declarations begin", "/* declarations end"
_MODES = {"off": 0, "running": 1, "shutdown": 2}
_OTHER_OPENING = 10
_OPENINGS = {
    None: 0,
    "over_voltage": 1,
    "under_voltage": 2,
    "charge_over_current": 3,
    "over_current_charge": 3,
    "discharge_over_current": 4,
    "over_current_discharge": 4,
    "charge_hot": 5,
    "charge_cold": 6,
    "discharge_hot": 7,
    "discharge_cold": 8,
    "shutdown": 9,
    "button": 9,
}
"""What last opened the contactor: names of the model and of a state file."""


def make_library_bms(library: Path, name: str, initial: BmsInitial) -> BmsUnit:
    """Make the BMS of the unit `name` out of a compiled firmware.

    Raises:
        BenchFileError: the library cannot be loaded, is built for another version of
            the contract, lacks a function, or refuses to begin.
    """
    ffi, lib = load_library(library)
    config = ffi.new("bms_config *")
    config.abi = ABI
    config.size = ffi.sizeof("bms_config")
    config.soc_ppm = round(initial.soc_pct * 1e4)
    config.mode = _MODES[initial.mode]
    config.last_opening = _OPENINGS.get(initial.last_opening, _OTHER_OPENING)
    config.trips = initial.trips
    unit = lib.bms_new(config, ffi.NULL, 0)
    if unit == ffi.NULL:
        raise BenchFileError(
            str(library), "bms_new", f"refuses to begin for {name}; check its config"
        )
    return LibraryBms(ffi, lib, ffi.gc(unit, lib.bms_free), library.name)


def load_library(library: Path) -> tuple[Any, Any]:
    """Load a library and check that it is a firmware; return cffi's face of it.

    Raises:
        BenchFileError: it is not, or cffi is not installed.
    """
    ffi = _declarations(str(library))
    try:
        # A name without a folder would be looked for where the system keeps its own.
        lib = ffi.dlopen(str(library.resolve()))
    except OSError as cause:
        reason = " ".join(str(cause).split())
        raise BenchFileError(
            str(library), "library", f"cannot be loaded ({reason}); build it anew"
        ) from cause
    for symbol in SYMBOLS:
        try:
            getattr(lib, symbol)
        except AttributeError as cause:
            raise BenchFileError(
                str(library), symbol, "is missing; firmware.h names what to export"
            ) from cause
    version = lib.bms_abi()
    if version != ABI:
        why = f"built for version {version}; this station has version {ABI} of it"
        raise BenchFileError(str(library), "firmware.h", why)
    return ffi, lib


@cache
def _declarations(library: str) -> Any:  # noqa: ANN401  cffi has no types
    """Parse the contract once per library."""
    try:
        from cffi import FFI
    except ImportError as cause:
        why = "needs the package cffi; install weco-test-station[firmware]"
        raise BenchFileError(library, "library", why) from cause
    text = files("instruments.sim.bms").joinpath("firmware.h").read_text("utf-8")
    ffi = FFI()
    ffi.cdef(text.partition(_BEGIN)[2].partition("*/")[2].partition(_END)[0])
    return ffi
