"""Which software is running: its version, and the state of its checkout."""

from __future__ import annotations

from pathlib import Path

DISTRIBUTION = "weco-test-station"
ROOT = Path(__file__).resolve().parent.parent
GIT_PATIENCE_S = 2.0


def read_version() -> str:
    """Read the version of the installed package, or of the checkout's pyproject."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return _read_project_version(ROOT / "pyproject.toml")


def read_git_state(root: Path = ROOT) -> dict[str, str | bool | None]:
    """Read commit and dirty flag of the checkout; unknown values are None.

    Never fails: a wheel has no checkout, and a factory machine may have no git.
    """
    if not (root / ".git").exists():
        return {"describe": None, "dirty": None}
    described = _git(root, "describe", "--always", "--dirty", "--tags")
    if described is None:
        return {"describe": None, "dirty": None}
    return {"describe": described, "dirty": described.endswith("-dirty")}


def _git(root: Path, *arguments: str) -> str | None:
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, no shell
            ["git", "-C", str(root), *arguments],  # noqa: S607  the user's own git
            capture_output=True,
            text=True,
            timeout=GIT_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _read_project_version(file: Path) -> str:
    import tomllib

    try:
        return str(tomllib.loads(file.read_text("utf-8"))["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "unknown"
