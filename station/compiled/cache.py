"""Find or build the compiled copy of `instruments`, in a folder named by its hash."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from station.compiled.prepare import NOTES_FILE, load_notes, prepare
from station.errors import BadOption, one_line

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "instruments"
_LEFT_OVER = ("build", ".mypy_cache")
_LONGEST_S = 1200


def compiled_folder(cache: Path, root: Path = ROOT) -> Path:
    """Name the folder of the compiled copy; build it if it is not there.

    Raises:
        BadOption: no compiler, or it refused; says what it said.
    """
    built = cache / _key(root)
    if not built.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".building-", dir=cache))
        try:
            _build(root, stage)
            _move(stage, built)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return built


def _key(root: Path) -> str:
    """Hash [sha256, hex] whatever has a say: sources, data, notes, compiler, Python."""
    digest = hashlib.sha256()
    for word in (sys.version, sysconfig.get_platform(), _compiler_version()):
        digest.update(word.encode() + b"\0")
    here = NOTES_FILE.parent
    for path in [*sorted(here.glob("*.py")), NOTES_FILE, *_sources(root)]:
        data = path.read_bytes()
        digest.update(f"{path.name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _compiler_version() -> str:
    try:
        return version("mypy")
    except PackageNotFoundError as cause:
        raise BadOption(
            "--compiled: mypy is not installed, whose mypyc compiles; install the"
            ' extra "compiled", or leave the option out'
        ) from cause


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted((root / PACKAGE).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _build(root: Path, stage: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.so")
    shutil.copytree(root / PACKAGE, stage / PACKAGE, ignore=ignored)
    notes = load_notes()
    names = [path.relative_to(stage).as_posix() for path in _modules(stage)]
    modules = [name for name in names if notes.compiles(name)]
    for name in modules:
        path = stage / name
        text = prepare(path.read_text(encoding="utf-8"), path.stem, notes)
        path.write_text(text, encoding="utf-8")
    _run_compiler(stage, modules)
    for name in _LEFT_OVER:
        shutil.rmtree(stage / name, ignore_errors=True)


def _modules(stage: Path) -> Iterator[Path]:
    return (path for path in _sources(stage) if path.suffix == ".py")


def _run_compiler(stage: Path, modules: list[str]) -> None:
    builder = NOTES_FILE.with_name("build.py")
    try:
        done = subprocess.run(  # noqa: S603  our own module, by our own interpreter
            [sys.executable, str(builder), *modules],
            cwd=stage,
            env=os.environ | {"MYPY_CACHE_DIR": str(stage / ".mypy_cache")},
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as cause:
        raise BadOption(
            f"--compiled: {one_line(cause)}; leave the option out"
        ) from cause
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line]
        errors = [line for line in said if "error" in line.lower()] or said[-1:]
        raise BadOption(
            f"--compiled: the compiler refused ({one_line(' '.join(errors[:2]))});"
            " a C compiler, setuptools and Python's headers are needed"
        )


def _move(stage: Path, built: Path) -> None:
    try:
        stage.rename(built)
    except OSError:
        if not built.is_dir():  # otherwise another process was faster
            raise
