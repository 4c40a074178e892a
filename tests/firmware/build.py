"""Build the small firmwares of this folder with the system's compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent
CONTRACT = Path(__file__).resolve().parents[2] / "instruments" / "sim" / "bms"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

needs_compiler = pytest.mark.skipif(
    COMPILER is None, reason="no C compiler (cc, gcc, clang); CI installs gcc"
)


def build(source: str, to: Path, *defines: str) -> Path:
    """Compile one source file to a shared library, strictly."""
    assert COMPILER is not None
    subprocess.run(  # noqa: S603  our own source, the system's compiler
        [
            COMPILER,
            *("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"),
            *(f"-D{define}" for define in defines),
            f"-I{CONTRACT}",
            str(SOURCES / source),
            "-o",
            str(to),
            "-lm",
        ],
        check=True,
    )
    return to


def firmware_file(library: Path) -> Path:
    """Write the firmware file of a library beside it."""
    file = library.with_suffix(".toml")
    file.write_text(
        f'id = "{library.stem}"\ntitle = "A firmware in C"\n'
        f'kind = "shared_library"\nlibrary = "{library.name}"\n',
        encoding="utf-8",
    )
    return file
