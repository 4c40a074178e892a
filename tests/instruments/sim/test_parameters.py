"""Parameter files, population and defect files."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from instruments.sim.parameters import load_parameters, stream
from instruments.sim.state import BenchState, load_state

CAPACITY = "module.cells.usable_capacity_ah"
HEAD = 'id = "X-1"\ntitle = "a defect"\n'


def write(folder: Path, text: str, name: str = "defect.toml") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def change(target: str, what: str) -> str:
    """Write one [[change]]."""
    return f'[[change]]\ntarget = "{target}"\n{what}\n'


def test_every_parameter_has_source_and_status() -> None:
    """Broken: a number of the simulated world without a basis."""
    for target in load_parameters().targets():
        assert target.source, target.target
        assert target.status in {"manual", "derived", "provisional"}, target.target


@pytest.mark.parametrize(
    ("what", "expected"),
    [("set = 80", 80.0), ("add = -8.0", 80.0), ("scale = 0.5", 44)],
)
def test_a_change_is_applied(tmp_path: Path, what: str, expected: float) -> None:
    """Broken: set, add or scale does something else, or changes the type."""
    path = write(tmp_path, HEAD + change(CAPACITY, what))
    value = load_parameters([path]).value(CAPACITY)
    assert value == expected
    assert isinstance(value, float)


def test_a_defect_of_the_module_leaves_the_peers_alone(tmp_path: Path) -> None:
    """Broken: a damaged module damages the reference modules."""
    path = write(tmp_path, HEAD + change(CAPACITY, "set = 80.0"))
    parameters = load_parameters([path], seed=4)
    peer_key = CAPACITY.replace("module", "peer1")
    assert parameters.value(peer_key) == 88.0
    assert parameters.section("peer1.cells")["usable_capacity_ah"] == 88.0


def test_a_peer_can_have_a_defect_of_its_own(tmp_path: Path) -> None:
    """Broken: peer1.X cannot be changed unless a file mentions it already."""
    peer_key = CAPACITY.replace("module", "peer1")
    path = write(tmp_path, HEAD + change(peer_key, "set = 70.0"))
    parameters = load_parameters([path])
    assert parameters.section("peer1.cells")["usable_capacity_ah"] == 70.0
    assert parameters.value(CAPACITY) == 88.0
    assert parameters.section("peer2.cells")["usable_capacity_ah"] == 88.0


def test_a_fault_is_switched_on(tmp_path: Path) -> None:
    """Broken: a named fault is lost, or its time is."""
    text = (
        HEAD + '[[fault]]\ntarget = "module.contactor"\nname = "welded"\nwhen = 12.5\n'
    )
    parameters = load_parameters([write(tmp_path, text)])
    (fault,) = parameters.faults("module.contactor")
    assert (fault.name, fault.when, fault.from_us) == ("welded", 12.5, 12_500_000)
    assert parameters.has_fault("module.contactor", "welded")
    assert not parameters.has_fault("peer1.contactor", "welded")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('title = "x"\n', "id is missing"),
        (HEAD, "write a"),
        (HEAD + "colour = 1\n", "unknown key 'colour'"),
        (HEAD + change("module.cells.usable_capacity", "set = 1.0"), "nearest"),
        (HEAD + change("limits.trip", "set = 1.0"), "begins with none"),
        (HEAD + change(CAPACITY, 'set = "80"'), "write a float"),
        (HEAD + change(CAPACITY, "set = true"), "write a float"),
        (HEAD + change(CAPACITY, "set = nan"), "write a float"),
        (HEAD + change(CAPACITY, "add = -90.0"), "-2 is negative"),
        (HEAD + change("supply.latency_min_ms", "set = -5.0"), "-5 is negative"),
        (HEAD + change("fixture.lead_mohm", "scale = -1"), "-1.5 is negative"),
        (HEAD + change("module.bms.restart.attempts_s", "set = [-1]"), "-1 is negat"),
        (HEAD + change(CAPACITY, "set = 80.0\nadd = 1.0"), "exactly one of"),
        (HEAD + change(CAPACITY, ""), "exactly one of"),
        (HEAD + change(CAPACITY, "set = 80.0\nwhy = 1"), "unknown key 'why'"),
        (HEAD + change(CAPACITY, "set = 80.0") * 2, "already changed"),
        (HEAD + "change = 3\n", "write [[change]] tables"),
        (HEAD + '[[fault]]\ntarget = "module.contactor"\nname = "x"\n', "no fault 'x'"),
        (
            HEAD + '[[fault]]\ntarget="module.contactor"\nname="welded"\nwhen=-1\n',
            "bench second",
        ),
        ("id = [\n", "is not TOML"),
    ],
)
def test_a_bad_defect_file_is_one_clear_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    """Broken: a mistake in a defect file passes, or its message does not say why."""
    path = write(tmp_path, text)
    with pytest.raises(BenchFileError) as caught:
        load_parameters([path])
    message = str(caught.value)
    assert reason in message
    assert path.name in message
    assert "\n" not in message


def test_the_same_target_in_two_files_is_refused(tmp_path: Path) -> None:
    """Broken: the second defect file silently wins."""
    first = write(tmp_path, HEAD + change(CAPACITY, "set = 80.0"), "a.toml")
    second = write(tmp_path, HEAD + change(CAPACITY, "add = 1.0"), "b.toml")
    with pytest.raises(BenchFileError, match=r"b\.toml.*already changed in .*a\.toml"):
        load_parameters([first, second])


def test_seeds_draw_healthy_modules() -> None:
    """Broken: a seed draws a module outside the limits, or nothing spreads."""
    capacities = [load_parameters(seed=n).value(CAPACITY) for n in range(1, 21)]
    assert len(set(capacities)) == 20
    assert all(86.8 <= ah <= 89.2 for ah in capacities)
    for seed in range(1, 21):
        section = load_parameters(seed=seed).section("module.cells")
        assert 20.0 <= section["arrival_soc_pct"] <= 60.0


def test_the_cell_rule_acts_first_in_part_of_the_population() -> None:
    """Broken: no drawn module ever has a high cell, or all have."""
    highest = [
        load_parameters(seed=n).value("module.cells.soc_offset_pct.c07")
        for n in range(1, 41)
    ]
    assert 3 <= len([offset for offset in highest if offset > 0.3]) <= 20


def test_a_draw_depends_on_seed_and_name_only() -> None:
    """Broken: a new parameter would move the draws of the others."""
    assert stream(7, "a").random() == stream(7, "a").random()
    assert stream(7, "a").random() != stream(7, "b").random()
    assert load_parameters(seed=7).value(CAPACITY) == load_parameters(seed=7).value(
        CAPACITY
    )


def test_defects_come_after_the_draw(tmp_path: Path) -> None:
    """Broken: a defect is overwritten by the population."""
    path = write(tmp_path, HEAD + change(CAPACITY, "add = -8.0"))
    drawn = load_parameters(seed=3).value(CAPACITY)
    assert load_parameters([path], seed=3).value(CAPACITY) == drawn - 8.0


def test_an_unknown_parameter_is_an_error() -> None:
    """Broken: a misspelt key reads as nothing."""
    with pytest.raises(KeyError):
        load_parameters().value("module.cells.nothing")


def test_a_state_file_is_loaded(tmp_path: Path) -> None:
    """Broken: a prepared state of charge does not reach the bench."""
    text = 'soc_pct = 3\nmodule = "shutdown"\nlast_opening = "under_voltage"\ntrips=2\n'
    state = load_state(write(tmp_path, text))
    assert state == BenchState(3.0, "shutdown", "under_voltage", None, 2)
    assert load_state(write(tmp_path, "")) == BenchState()


@pytest.mark.parametrize(
    "text",
    ["soc = 3", "soc_pct = 'a'", "soc_pct = 200", "module = 'on'", "trips = -1", "=="],
)
def test_a_bad_state_file_is_refused(tmp_path: Path, text: str) -> None:
    """Broken: a typing mistake in a state file starts another test."""
    with pytest.raises(BenchFileError):
        load_state(write(tmp_path, text))
