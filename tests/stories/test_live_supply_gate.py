"""A supply left on: each way in which OpenHTF does it, and the station that does not.

Every test has two halves: with OpenHTF by itself a fake supply stays on, or a run that
went wrong passes; with the station's executor, plug and signals it does not. What
kills or hangs a process runs in one of its own (`openhtf_programs`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, cast

import openhtf as htf
import pytest
from openhtf.core import phase_executor

from instruments.bench import Bench
from instruments.errors import InstrumentError, NotProtected
from instruments.safe_state import SafeReport, make_safe
from phases.plug import BenchPlug
from phases.results import ERROR, PASS
from station.results.show import find_runs
from station.results.store import Store
from station.verdict import ABORTED, INCOMPLETE
from tests.instruments.fake_parts import FakeClock, World, fake_parts
from tests.station.fakes import SERIAL
from tests.stories.command_line import PROJECT, Station
from tests.stories.gate_rig import STATES, Watch, run_gate
from tests.stories.openhtf_alone import Supply, changed, new_supply, run_alone
from tests.stories.openhtf_programs import PROGRAMS

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnhandledThreadExceptionWarning"  # threads of OpenHTF
    ),
    pytest.mark.xdist_group("live_supply_gate"),  # its processes start once
]

PROGRAM_MODULE = "tests.stories.openhtf_programs"

Spoken = dict[str, tuple[int, list[str]]]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Spoken:
    """Run every program at the same time; give exit code and lines of each."""
    store = str(tmp_path_factory.mktemp("programs") / "store")
    started = {
        name: start(name, *((store,) if name == "station" else ()))
        for name in (*PROGRAMS, "station")
    }
    found: Spoken = {}
    for name, process in started.items():
        out, _ = process.communicate(timeout=30)
        found[name] = (process.returncode, [line for line in out.splitlines() if line])
    return found


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start one program."""
    return subprocess.Popen(  # noqa: S603  our own interpreter
        [sys.executable, "-W", "ignore", "-m", PROGRAM_MODULE, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def raises(*_: Any) -> None:
    """Fail as a driver does whose instrument fell silent."""
    raise OSError("supply silent")


def energising(kind: type[Supply], then: Any = None) -> Any:
    """Make a phase that energises, then does something else."""

    def phase(test: Any, supply: Supply) -> None:
        supply.switch(True)
        if then is not None:
            then()

    return htf.plug(supply=kind)(phase)


# --- tearDown of plugs (facts 2 and 3, reliability.md 1.4) ----------------------------


class DeafBench(Bench):
    """A bench that cannot be made safe any more."""

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        """Fail, as with every link gone."""
        raise OSError("supply silent")


def test_failed_tear_down_is_an_error(tmp_path: Path) -> None:
    """A supply that did not go off would be followed by a PASS."""
    kind = new_supply(tearDown=raises)
    alone = run_alone(energising(kind))
    assert (alone.outcome, kind.is_on) == (PASS, True), changed("PASS, supply left on")
    gated = run_gate(tmp_path, bench_type=DeafBench)
    assert gated.result.outcome == ERROR
    assert "could not be proved dead" in gated.record["reason"]
    assert gated.record["bench_dead"] is False


class Placed(type(htf.BasePlug)):  # type: ignore[misc]
    """A class of plugs whose place in a set is chosen, not left to chance."""

    place: int

    def __hash__(cls) -> int:
        return cls.place


def tear_downs(places: dict[str, int]) -> list[str]:
    """Run one test with a plug for each name; list the order of their tearDowns."""
    order: list[str] = []

    def make(name: str, place: int) -> Any:
        def tear_down(self: Any) -> None:
            order.append(name)

        members = {"tearDown": tear_down, "place": place}
        return Placed(name, (htf.BasePlug,), members)

    def phase(test: Any, **plugs: Any) -> None:
        assert plugs

    plugs = {name: make(name, place) for name, place in places.items()}
    run_alone(htf.plug(**plugs)(phase))
    return order


def test_one_plug_switches_off_in_one_order(tmp_path: Path) -> None:
    """A contactor would open under load, by chance."""
    one_way = tear_downs({"supply": 1, "load": 2, "contactor": 3})
    other_way = tear_downs({"supply": 3, "load": 2, "contactor": 1})
    assert one_way == list(reversed(other_way)), changed("a set decides the order")
    plugs: set[type] = set()

    def look(bench: Bench) -> None:
        (test,) = htf.Test.TEST_INSTANCES.values()
        for phase in test.descriptor.phase_sequence.all_phases():
            plugs.update(plug.cls for plug in phase.plugs)

    run_gate(tmp_path, watch=Watch(look))
    (only,) = plugs
    assert issubclass(only, BenchPlug)
    first, second = World(), World()
    for world in (first, second):
        make_safe(fake_parts(world), FakeClock(), 2.6, module_dead=False)
    assert first.done == second.done
    assert first.done[:2] == ["supply.send_off", "load.send_off"]


class CountingBench(Bench):
    """A bench that counts how often it was made safe."""

    safe: ClassVar[list[bool]] = []

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        """Count, then do it."""
        self.safe.append(module_dead)
        return super().make_safe(module_dead)


def test_tear_down_that_hangs_does_not_hold_the_station(tmp_path: Path) -> None:
    """One plug that hangs would keep every other from switching off, for ever."""
    default = htf.conf._declarations["plug_teardown_timeout_s"].default_value
    assert default == 0, changed("tearDown may take for ever")
    htf.conf.load(plug_teardown_timeout_s=0)
    released, hanging = threading.Event(), threading.Event()

    def hang(self: Any) -> None:
        hanging.set()
        released.wait(30)

    run = threading.Thread(
        target=run_alone, args=(energising(new_supply(tearDown=hang)),)
    )
    run.start()
    assert hanging.wait(10)
    run.join(0.1)
    assert run.is_alive(), changed("a hung tearDown is waited for")
    released.set()
    run.join()
    limits: list[tuple[float, float]] = []

    def look(bench: Bench) -> None:
        conf = htf.conf
        limits.append((conf.plug_teardown_timeout_s, conf.cancel_timeout_s))

    CountingBench.safe.clear()
    run_gate(tmp_path, bench_type=CountingBench, watch=Watch(look))
    assert set(limits) == {(60, 3)}
    assert CountingBench.safe == [True]  # by the phase; the plug found nothing to do


# --- where energy is switched on (fact 4, reliability.md 1.4) -------------------------


class RaisingBench(Bench):
    """A bench whose driver breaks the moment the supply is on."""

    def charge(self, current_a: float, voltage_limit_v: float) -> tuple[int, int]:
        """Charge, then fail."""
        super().charge(current_a, voltage_limit_v)
        assert self.world.plant.supply.output_on
        raise RuntimeError("a bug in the driver")


def test_phase_that_energises_and_raises_leaves_nothing_on(tmp_path: Path) -> None:
    """The supply would stay on: OpenHTF runs no teardown after a failed setup."""
    kind = new_supply(tearDown=lambda self: None)

    def switch_off(test: Any) -> None:
        kind.switch(False)

    group = htf.PhaseGroup(
        setup=[energising(kind, raises)],
        main=[lambda test: None],
        teardown=[switch_off],
    )
    alone = run_alone(group)
    assert alone.outcome == ERROR
    assert kind.is_on, changed("a failed setup skips the group's teardown")
    groups: list[Any] = []

    def look(bench: Bench) -> None:
        (test,) = htf.Test.TEST_INSTANCES.values()
        groups[:] = test.descriptor.phase_sequence.nodes

    gated = run_gate(
        tmp_path, "over_voltage", bench_type=RaisingBench, watch=Watch(look)
    )
    (ours,) = groups
    assert not ours.setup
    assert [phase.name for phase in ours.teardown.all_phases()] == ["make_safe"]
    assert gated.result.outcome == ERROR
    assert not gated.supply_on
    assert gated.record["bench_dead"] is True


@pytest.mark.parametrize(
    "error", [KeyError("x"), SystemExit(1)], ids=["raises", "exits"]
)
def test_display_that_fails_at_the_end_leaves_nothing_on(
    tmp_path: Path, error: BaseException
) -> None:
    """What only shows the run would keep it from being made safe."""
    watch = Watch()

    def fall(bench: Bench) -> None:
        if watch.heard[-1].phase == "make_safe":
            raise error

    watch.act = fall
    gated = run_gate(tmp_path, "over_voltage", watch=watch, bench_type=RaisingBench)
    assert gated.result.outcome == ERROR
    assert gated.record["bench_dead"] is True
    assert not gated.supply_on


def test_plug_whose_constructor_fails_has_switched_nothing_on() -> None:
    """The supply would stay on: OpenHTF tears down what was constructed only."""

    def construct(self: Any) -> None:
        self.switch(True)
        raises()

    kind = new_supply(__init__=construct)
    alone = run_alone(energising(kind))
    assert alone.outcome == ERROR
    assert kind.is_on, changed("no tearDown after a failed constructor")
    nothing = cast("Bench", None)
    assert BenchPlug.bound_to(nothing)().bench is nothing  # it touches no bench


# --- signals (fact 5, reliability.md 1.4) ---------------------------------------------


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_openhtf_dies_with_the_supply_on(spoken: Spoken, name: str) -> None:
    """The reason for the station's own signal handlers would be gone."""
    code, said = spoken[name]
    assert (code, said) == (-getattr(signal, name), ["supply on"]), changed(
        f"{name} kills at once, no teardown, no record"
    )


def test_openhtf_hangs_after_two_interrupts(spoken: Spoken) -> None:
    """The reason for the station's own signal handlers would be gone."""
    code, said = spoken["SIGINT twice"]
    assert (code, said) == (1, ["supply on"]), changed("two Ctrl-C are a deadlock")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_while_energised_end_dead(tmp_path: Path, name: str) -> None:
    """The second Ctrl-C, or one SIGTERM, would leave the module under current."""
    sent: list[bool] = []

    def press(bench: Bench) -> None:
        if not sent and bench.world.plant.supply.output_on:
            sent.append(True)
            for _ in range(5):
                os.kill(os.getpid(), getattr(signal, name))
            noticed = threading.Event()
            while bench.clock.stop.reason is None:
                noticed.wait(0.001)  # the main thread handles it, not this one

    gated = run_gate(tmp_path, "over_voltage", watch=Watch(press))
    assert sent
    assert (gated.result.outcome, gated.result.exit_code) == (ABORTED, 4)
    assert name in gated.record["reason"]
    assert gated.record["bench_dead"] is True
    assert not gated.supply_on


def test_killed_station_leaves_no_pass(tmp_path: Path) -> None:
    """The run of a killed station would look like one that ended, or be forgotten."""
    station = Station(tmp_path / "station")
    process = station.start("capacity", "--state", str(STATES / "capacity.toml"))
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    store = Store(station.store)
    assert len(store.close_dead_runs()) == 1
    assert [run.outcome for run in find_runs(store, SERIAL)] == [INCOMPLETE]
    store.close()


# --- time-outs of phases (fact 6, reliability.md 1.4) ---------------------------------


def test_time_out_is_no_protection(tmp_path: Path, spoken: Spoken) -> None:
    """A thread that outlived its phase would energise again after the teardown."""
    begun = threading.Event()

    @htf.PhaseOptions(timeout_s=0.01)  # type: ignore[untyped-decorator]
    def late(test: Any) -> None:
        begun.wait(0.05)

    assert run_alone(late).outcome == PASS, changed("a time-out is looked at every 3 s")
    assert phase_executor._JOIN_TRY_INTERVAL_SECONDS == 3
    assert phase_executor.DEFAULT_PHASE_TIMEOUT_S == 180, changed("180 s by default")
    _, said = spoken["time-out"]
    ours = [line for line in said if "supply" in line]
    assert ours == ["supply on", "teardown: supply off", "zombie: supply on"], changed(
        "a phase that timed out goes on beside the teardown"
    )
    timeouts: list[float | None] = []

    def look(bench: Bench) -> None:
        (test,) = htf.Test.TEST_INSTANCES.values()
        phases = test.descriptor.phase_sequence.all_phases()
        timeouts[:] = [phase.options.timeout_s for phase in phases]

    gated = run_gate(tmp_path, watch=Watch(look))
    assert min(timeout or 0.0 for timeout in timeouts) > 180.0
    bench = gated.bench
    with pytest.raises(NotProtected, match="make_safe has begun"):
        bench.charge(20.0, 56.0)
    with pytest.raises(NotProtected, match="make_safe has begun"):
        bench.discharge(20.0)
    with pytest.raises(InstrumentError):
        bench.close_contactor()
    assert not gated.supply_on
    assert not bench.world.plant.fixture.contactor_closed


def test_options_of_openhtf_do_not_reach_it(
    tmp_path: Path, spoken: Spoken, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that OpenHTF reads for itself would crash it into a PASS."""
    code, said = spoken["default time-out"]
    assert "record PASS" in said, changed("--phase_default_timeout_s gives a PASS")
    assert "said True" in said
    assert "teardown: supply off" not in said
    assert code == 0
    kept = sys.argv[:]
    sys.argv[1:] = ["--phase_default_timeout_s", "5"]
    try:
        gated = run_gate(tmp_path)
    finally:
        sys.argv[:] = kept
    assert gated.result.outcome == PASS
    assert [phase["name"] for phase in gated.record["phases"]][-1] == "make_safe"
    from station.__main__ import main

    options = ["--serial", SERIAL, "--phase_default_timeout_s", "5"]
    assert main(["run", "identity", *options]) == 2
    assert "--phase_default_timeout_s" in capsys.readouterr().err


# --- several tests in one process (fact 8) --------------------------------------------


class Slow(BenchPlug):
    """The station's plug, with a constructor that the first to come is held up in."""

    turns: ClassVar[Iterator[threading.Event]]
    inside: ClassVar[threading.Event]

    def __init__(self) -> None:
        for turn in self.turns:
            self.inside.set()
            turn.wait(10)
            return

    def tearDown(self) -> None:
        """Do nothing: there is no bench."""


def overlapping(first: type[Slow], second: type[Slow]) -> tuple[str, str]:
    """Execute one test while another constructs its plug; name both outcomes."""
    turn, Slow.inside = threading.Event(), threading.Event()
    Slow.turns = iter([turn])
    outcomes: list[str] = []

    def execute(kind: type[Slow]) -> None:
        def phase(test: Any, plug: Any) -> None:
            assert plug

        outcomes.append(run_alone(htf.plug(plug=kind)(phase)).outcome)

    held_up = threading.Thread(target=execute, args=(first,))
    held_up.start()
    assert Slow.inside.wait(10)
    execute(second)
    turn.set()
    held_up.join()
    return outcomes[1], outcomes[0]


def test_each_run_has_a_plug_class_of_its_own() -> None:
    """Two runs in one process would take each other's logger, and one would break."""
    nothing = cast("Bench", None)
    shared = cast("type[Slow]", Slow.bound_to(nothing))
    assert overlapping(shared, shared)[1] == ERROR, changed("plugs race for a logger")
    one, other = (cast("type[Slow]", Slow.bound_to(nothing)) for _ in range(2))
    assert overlapping(one, other) == (PASS, PASS)


def test_one_test_in_a_process(spoken: Spoken) -> None:
    """Ctrl-C would stop one of three tests, and the others would go on to a PASS."""
    _, said = spoken["three at once"]
    assert "main thread: RuntimeError" in said, changed("Ctrl-C stops some tests only")
    assert {"record ABORTED", "record PASS"} <= set(said), changed("some go on to PASS")
    # One sequence in one process: the station's whole command line executes one test.
    assert spoken["station"][0] == 0
    source = (PROJECT / "phases" / "execute.py").read_text(encoding="utf-8")
    assert source.count("htf.Test(") == 1


# --- the web pages (openhtf.md 2, reliability.md 1.4 and 6) ---------------------------


def test_no_web_page_is_served(spoken: Spoken) -> None:
    """Anybody on the network could press the operator's buttons."""
    _, pages = spoken["web pages"]
    assert "bound 0.0.0.0" in pages, changed("its web pages listen to everybody")
    code, said = spoken["station"]
    assert code == 0
    assert [line for line in said if line.startswith("bound")] == []
    loaded = [line for line in said if line.startswith("loaded")]
    assert loaded == [
        "loaded openhtf.output: []",
        "loaded openhtf.util.test: []",
        "loaded tornado: []",
    ]
