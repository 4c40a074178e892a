"""Every number is data, is read, and is refused when it is of another kind."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import instruments.sim.bms as package
from instruments.errors import BenchFileError
from instruments.sim.bms.alarms import load_alarm_rows
from instruments.sim.bms.interface import BmsInitial
from instruments.sim.bms.parameters import Faults, build
from instruments.sim.bms.sense import SensingParameters
from instruments.sim.bms.unit import make_bms
from instruments.sim.defects import load_fault_kinds
from tests.instruments.sim.bms.rig import OneFault, Source, shipped

FOLDER = Path(package.__file__).parent


def texts_in_code() -> set[str]:
    """Collect every string literal of the package, parts of f-strings included."""
    found: set[str] = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_named_fault_is_known_to_the_code() -> None:
    """A fault in the list that nothing plays is a defect that cannot be found."""
    built = {f"no_{d}_trip" for d in ("charge", "discharge")}
    built |= {f"not_said_on_{where}" for where in ("can", "service")}
    built |= {
        f"no_{d}_{t}_trip" for d in ("charge", "discharge") for t in ("hot", "cold")
    }
    names = {k.name for k in load_fault_kinds() if k.target.startswith("module.bms.")}
    assert names
    assert names - texts_in_code() - built == set()


class Recorder(Source):
    """Remember which tables are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def section(self, prefix: str) -> dict[str, object]:
        """Return a table and note its name."""
        self.read.add(prefix)
        return dict(super().section(prefix))


def test_every_table_of_the_file_is_read() -> None:
    """A parameter that no rule reads cannot be a defect."""
    source = Recorder()
    make_bms(source, "module", 0, BmsInitial(50.0))
    tables = {
        target.target.rpartition(".")[0]
        for target in shipped().targets()
        if target.target.startswith("module.bms.")
    }
    assert tables - source.read == set()


def test_every_parameter_has_a_field() -> None:
    """A key that no dataclass holds is a dead number in the file."""
    fields = {
        node.target.id
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    dead = [
        target.target
        for target in shipped().targets()
        if target.target.startswith("module.bms.")
        and not target.target.startswith("module.bms.flags.")
        and target.target.rpartition(".")[2] not in fields
    ]
    assert dead == []


@pytest.mark.parametrize(
    ("value", "word"), [("hot", "another kind"), (True, "another kind")]
)
def test_value_of_another_kind_is_refused(value: object, word: str) -> None:
    """A defect file with a text for a number must be refused, not crash later."""
    source = Source({"module.bms.sensing.direction_a": value})
    with pytest.raises(BenchFileError, match=word):
        build(SensingParameters, source, "module.bms.sensing")


@pytest.mark.parametrize(
    "key",
    [
        "module.can.period_356_s",
        "module.bms.parallel.heartbeat_s",
        "module.bms.sensing.sample_s",
        "module.led_bar.soc_page_s",
        "module.led_bar.blink_on_s",
    ],
)
def test_period_of_nothing_is_refused(key: str) -> None:
    """A period of 0 would keep the model awake for ever."""
    with pytest.raises(BenchFileError, match=r"0\.01 s or more"):
        make_bms(Source({key: 0.0}), "module", 0, BmsInitial(50.0))


def test_missing_key_is_named() -> None:
    """A table without a key: say which one."""
    with pytest.raises(BenchFileError, match="direction_a"):
        build(SensingParameters, Source(), "module.bms.nothing")


def test_fault_acts_from_its_second_on() -> None:
    """`when` as bench second."""
    faults = Faults([OneFault("mute", 2.5), OneFault("dark")])
    assert not faults.active("mute", 2_499_999)
    assert faults.active("mute", 2_500_000)
    assert faults.active("dark", 0)
    assert not faults.active("other", 0)


def test_alarm_rows_are_the_twelve_of_the_manual() -> None:
    """Manual section 7 has twelve rows; causes must have flags and pages."""
    rows = load_alarm_rows()
    assert [row.row for row in rows] == list(range(1, 13))
    causes = {cause for row in rows for cause in row.causes}
    assert causes == set(Source().section("module.led_bar.pages"))
    assert causes == set(Source().section("module.bms.flags.protection"))


def test_peer_is_built_from_the_modules_parameters() -> None:
    """A reference module without its own tables must still be a module."""
    make_bms(shipped(), "peer1", 0, BmsInitial(40.0))
