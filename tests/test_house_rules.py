"""What holds for every file of the project, whoever writes it next."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import instruments
import limits
from limits.load import shipped_file

ROOT = Path(__file__).parent.parent
PACKAGES = ("station", "phases", "instruments", "limits")
CODE = sorted(
    file.relative_to(ROOT).as_posix()
    for package in PACKAGES
    for file in (ROOT / package).rglob("*.py")
)
TESTS = sorted(
    file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("*.py")
)
TEXTS = [
    *sorted(
        file.relative_to(ROOT).as_posix()
        for place in (*PACKAGES, "tests", ".ci")
        for file in (ROOT / place).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ),
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "requirements.lock.txt",
]

LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
VAGUE_MODULES = {
    "base",
    "common",
    "core",
    "handler",
    "helpers",
    "manager",
    "misc",
    "utils",
}
NO_VERBS = {"A", "An", "Function", "Gets", "It", "Method", "Returns", "Sets", "The"}
NO_VERBS |= {"This", "Class", "Helper"}
UNITS = {"v", "a", "s", "us", "c", "k", "ah", "wh", "w", "j", "pct", "ohm", "mohm"}
UNITS |= {"ma", "mv", "kg", "nm", "hz", "ppm", "per", "factor", "ratio", "bps"}
UNITS |= {"ms", "deg", "nplc"}
# Numbers whose unit stands beside them, because it differs from object to object.
UNIT_IN_A_FIELD = {"value", "value_low", "value_high", "low", "high", "uncertainty"}
UNIT_IN_A_FIELD |= {"level", "level_before", "scale", "offset", "worst_margin"}
# Plain numbers, and names that another library gave. The list may only shrink.
WITHOUT_UNIT = {
    "CellParameters.hysteresis_soc",
    "Draw.a",
    "Draw.b",
    "EstimatorParameters.charge_efficiency",
    "HeatSource.top",
    "SerialPort.timeout",
    "SerialPort.write_timeout",
    "Stale.periods",
    "ThermalParameters.case_share",
}


@cache
def tree(name: str) -> ast.Module:
    """Parse a module once."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def functions(name: str) -> Iterator[ast.FunctionDef]:
    """List the functions and methods of a module."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef):
            yield node


@cache
def project() -> dict[str, object]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def contracts() -> dict[str, dict[str, list[str]]]:
    """List the import contracts by name."""
    tools = project()["tool"]
    assert isinstance(tools, dict)
    return {item["name"]: item for item in tools["importlinter"]["contracts"]}


@pytest.mark.parametrize("name", CODE)
def test_module_has_one_reason_to_exist(name: str) -> None:
    """A module would grow until nobody reads it."""
    lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE
    assert not VAGUE_MODULES & set(Path(name).with_suffix("").parts)


@pytest.mark.parametrize("name", CODE)
def test_functions_fit_a_screen(name: str) -> None:
    """A function would grow until nobody sees its end."""
    long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in functions(name)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("name", CODE)
def test_docstrings_say_what_is_done(name: str) -> None:
    """The first word would say what a thing is, not what it does."""
    wrong = [
        node.name
        for node in functions(name)
        if not node.name.startswith("_")
        and not is_property(node)
        and first_word(node) in NO_VERBS
    ]
    assert wrong == []


def is_property(node: ast.FunctionDef) -> bool:
    """Tell whether a function is read as an attribute."""
    return any(
        isinstance(item, ast.Name) and item.id in ("property", "cached_property")
        for item in node.decorator_list
    )


def first_word(node: ast.FunctionDef) -> str:
    """Take the first word of a docstring."""
    return ((ast.get_docstring(node) or "").split() or [""])[0]


@pytest.mark.parametrize("name", CODE)
def test_public_numbers_carry_their_unit(name: str) -> None:
    """Volts would be passed where millivolts are expected."""
    assert set(numbers_without_unit(name)) - WITHOUT_UNIT == set()


def test_list_of_numbers_without_unit_only_shrinks() -> None:
    """An exception would outlive its cause and cover for the next one."""
    found = {field for name in CODE for field in numbers_without_unit(name)}
    assert WITHOUT_UNIT - found == set()


def numbers_without_unit(name: str) -> list[str]:
    """List the public float fields of a module whose names carry no unit."""
    return [
        f"{owner.name}.{field}"
        for owner in ast.walk(tree(name))
        if isinstance(owner, ast.ClassDef) and not owner.name.startswith("_")
        for field in float_fields(owner)
        if field not in UNIT_IN_A_FIELD and not UNITS & set(field.split("_")[1:])
    ]


def float_fields(owner: ast.ClassDef) -> Iterator[str]:
    """List the public fields of a class that are declared as float."""
    for node in owner.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            kind = ast.unparse(node.annotation)
            if re.fullmatch(r"float( \| None)?", kind) and node.target.id[0] != "_":
                yield node.target.id


def test_no_part_of_the_bench_asks_whether_it_is_simulated() -> None:
    """The factory's code would not be the code that CI runs."""
    places = ("phases/", "instruments/drivers/", "instruments/links/")
    asking = [
        f"{name}:{node.lineno}"
        for name in CODE
        if name.startswith(places)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.If | ast.IfExp)
        and "simulated" in ast.unparse(node.test)
    ]
    assert asking == []


def test_contract_about_the_simulated_bench_names_every_module() -> None:
    """A new module could import the simulated bench without being noticed."""
    listed = contracts()["only instruments.open knows the simulated bench"]
    children = {
        f"instruments.{item.stem}"
        for item in (ROOT / "instruments").iterdir()
        if (item.suffix == ".py" or (item / "__init__.py").exists())
    }
    exempt = {"instruments.__init__", "instruments.sim", "instruments.open"}
    assert {"phases", "limits", *(children - exempt)} == set(listed["source_modules"])


def test_our_packages_are_ours() -> None:
    """Two packages on the public index install modules of the same names."""
    for package in (limits, instruments):
        assert package.__file__ is not None
        assert Path(package.__file__).is_relative_to(ROOT)


@pytest.mark.parametrize("name", TESTS)
def test_our_own_code_is_never_patched(name: str) -> None:
    """A test would prove something about a program that does not exist."""
    text = (ROOT / name).read_text(encoding="utf-8")
    patch = "|".join(("monkeypatch" + r"\.setattr", "unittest" + r"\.mock"))
    assert re.search(patch, text) is None


def test_no_file_names_this_machine_or_an_index() -> None:
    """A clone on another machine would look for a folder that is not there."""
    home = f"{Path.home()}/"
    index = re.compile(r"https?://[^ \"]*/(simple|packages)([/\" ]|$)", re.MULTILINE)
    found = []
    for name in TEXTS:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        if f"{ROOT}/" in text or home in text or index.search(text):
            found.append(name)
    assert found == []


def test_lock_pins_every_package_with_hashes_and_names_no_index() -> None:
    """An installation could take another package than the one that was tested."""
    text = (ROOT / "requirements.lock.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    pins = re.findall(r"^[^\s#-]\S*", text, re.MULTILINE)
    assert len(entries) == len(pins) > 0
    assert re.findall(r"^--?[a-z].*", text, re.MULTILINE) == []
    assert "://" not in text
    locked = {pin.split("==")[0] for pin in pins}
    assert {name for name in direct_dependencies() if name not in locked} == set()


def direct_dependencies() -> set[str]:
    """List the packages that the test command installs, `dev` with `campaign`."""
    table = project()["project"]
    assert isinstance(table, dict)
    extras = table["optional-dependencies"]
    asked = [*table["dependencies"], *extras["dev"], *extras["campaign"]]
    return {re.split(r"[<>=!~ \[]", item)[0] for item in asked} - {table["name"]}


def test_ci_calls_the_test_command_of_the_readme() -> None:
    """A newcomer's command could fail while CI is green."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r'^test_command="(.+)"$', script, re.MULTILINE)
    assert found is not None
    assert found.group(1) in (ROOT / "README.md").read_text(encoding="utf-8")


# Tables of limits that are measured in a module of another name.
MEASURED_IN = {
    "bench_dead": "off_state",
    "led_band": "capacity",
    "over_current_charge": "over_current",
    "over_current_discharge": "over_current",
    "safety_chain": "dead_terminals",
}


ALL_LIMITS = limits.load_limits(shipped_file("qualification"))


@pytest.mark.parametrize("behaviour", ALL_LIMITS.behaviours())
def test_phase_names_the_requirements_that_it_covers(behaviour: str) -> None:
    """A reader of a phase would not know why a measurement is taken."""
    module = f"phases/{MEASURED_IN.get(behaviour, behaviour)}.py"
    named = named_requirements(ast.get_docstring(tree(module)) or "")
    judged = {
        item
        for limit in ALL_LIMITS.for_behaviour(behaviour)
        for item in limit.requirements
    }
    assert judged - named == set()


def named_requirements(text: str) -> set[str]:
    """List the requirement ids of a text; "TC-01 to TC-06" means all six."""
    found = set(re.findall(r"[A-Z]{2}-\d\d", text))
    ranges = re.findall(r"([A-Z]{2})-(\d\d) to (?:[A-Z]{2}-)?(\d\d)", text)
    for kind, first, last in ranges:
        found |= {f"{kind}-{n:02d}" for n in range(int(first), int(last) + 1)}
    return found
