"""Start the program again with the compiled copy first on its path."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from station.compiled.cache import ROOT, compiled_folder

CACHE_NAME = "weco-test-station"


def is_compiled() -> bool:
    """Tell whether this process already plays with the compiled copy."""
    import instruments.sim.world as world

    return not str(world.__file__).endswith(".py")


def restart_compiled() -> None:
    """Replace this process by one with the compiled copy; returns if it is one.

    Raises:
        BadOption: the copy cannot be built.
    """
    if is_compiled():
        return
    from platformdirs import user_cache_path

    folder = compiled_folder(user_cache_path(CACHE_NAME) / "compiled")
    arguments = [sys.executable, "-m", "station", *sys.argv[1:]]
    os.execve(sys.executable, arguments, compiled_environment(folder))  # noqa: S606


def compiled_environment(folder: Path) -> dict[str, str]:
    """Write the environment in which `instruments` is the compiled one.

    Without the safe path Python would put the working folder before it.
    """
    path = os.pathsep.join([str(folder), str(ROOT)])
    return os.environ | {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
