"""What keeps it so: no loader that runs what it reads, and rules that stay on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("station", "phases", "instruments", "limits")
CODE = sorted(
    file.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for file in (ROOT / package).rglob("*.py")
)

# Modules that load code or objects out of data, or hand text to a shell.
UNSAFE_MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "yaml",
    "ruamel",
    "jsonpickle",
    "code",
    "codeop",
    "runpy",
    "xmlrpc",
    "telnetlib",
    "ftplib",
}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
UNSAFE_METHODS = {
    ("os", "system"),
    ("os", "popen"),
    ("msgspec", "convert_untrusted"),
    ("tempfile", "mktemp"),
    ("pickle", "loads"),
    ("marshal", "loads"),
    ("yaml", "load"),
}


@cache
def text_of(name: str) -> str:
    """Read a module once."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> ast.Module:
    """Parse a module once."""
    return ast.parse(text_of(name))


def imported(module: ast.Module) -> Iterator[str]:
    """List the top-level names that a module imports, anywhere in it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def called(module: ast.Module) -> Iterator[str]:
    """List what a module calls that could run a text, and shells that it opens."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
            yield node.func.id
        if isinstance(node.func, ast.Attribute) and isinstance(
            node.func.value, ast.Name
        ):
            pair = (node.func.value.id, node.func.attr)
            if pair in UNSAFE_METHODS:
                yield ".".join(pair)
        for keyword in node.keywords:
            if keyword.arg == "shell" and ast.unparse(keyword.value) != "False":
                yield "shell="


@pytest.mark.parametrize("package", PACKAGES)
def test_no_loader_runs_what_it_reads(package: str) -> None:
    """A file that somebody sent would be a program."""
    found = {
        name: unsafe
        for name in CODE
        if name.startswith(f"{package}/")
        and (unsafe := set(imported(tree(name))) & UNSAFE_MODULES)
    }
    assert found == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_run(package: str) -> None:
    """A text out of a file, a device or a label would be run."""
    found = {
        name: calls
        for name in CODE
        if name.startswith(f"{package}/") and (calls := set(called(tree(name))))
    }
    assert found == {}


def test_the_search_finds_what_it_looks_for() -> None:
    """The two tests above would pass on anything."""
    text = "import yaml\nfrom pickle import loads\ndef f(): eval('1'); os.system('x')\n"
    text += "subprocess.run('x', shell=True)\n"
    assert set(imported(ast.parse(text))) == {"yaml", "pickle"}
    assert set(called(ast.parse(text))) == {"eval", "os.system", "shell="}


@cache
def ruff() -> dict[str, object]:
    """Read ruff's rules from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lint: dict[str, object] = project["tool"]["ruff"]["lint"]
    return lint


def test_security_rules_stay_on() -> None:
    """Somebody would silence the rules instead of mending what they find."""
    lint = ruff()
    select, ignore = lint["select"], lint["ignore"]
    assert isinstance(select, list)
    assert isinstance(ignore, list)
    assert "S" in select
    assert [
        rule for rule in ignore if rule.startswith("S") and rule[1:].isdigit()
    ] == []
    per_file = lint["per-file-ignores"]
    assert isinstance(per_file, dict)
    silenced = {
        (place, rule)
        for place, rules in per_file.items()
        for rule in rules
        if rule.startswith("S") and not rule.startswith("SIM")
    }
    assert silenced == {("tests/**", "S101")}


# Rules waived on single lines: S105 and S311 for words and seeded numbers, S603
# and S607 for git's own revision. The fault campaign plays with stores of its own.
WAIVED = {"S105", "S311", "S603", "S607"}
WAIVED_IN_CAMPAIGN = WAIVED | {"S101", "S108", "S608"}
CAMPAIGN = ("station/faults/", "station/faults_commands.py")


# The report's page is our own pictures; a compiled campaign starts itself again.
WAIVED_HERE = {
    "station/campaigns/report/page.py": {"S704"},
    "station/compiled/restart.py": {"S606"},
}


def test_only_known_rules_are_waived_in_place() -> None:
    """A waiver on one line would let in what the rule is there for."""
    found: dict[str, set[str]] = {}
    for name in CODE:
        waived = set(re.findall(r"# noqa: .*?\b(S\d+)", text_of(name)))
        allowed = WAIVED_IN_CAMPAIGN if name.startswith(CAMPAIGN) else WAIVED
        if waived - allowed:
            found[name] = waived - allowed
    assert found == WAIVED_HERE


LOADERS = (
    "import pickle, yaml\npickle.loads(b'')\nyaml.load('', yaml.Loader)\neval('')\n"
)


def test_ruff_refuses_unsafe_loaders() -> None:
    """The rules would be selected and yet find nothing."""
    line = [sys.executable, "-m", "ruff", "check", "--output-format", "concise"]
    done = subprocess.run(  # noqa: S603  our own interpreter
        [*line, "--stdin-filename", "station/probe.py", "-"],
        input=LOADERS,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    for rule in ("S301", "S307", "S506"):
        assert rule in done.stdout
