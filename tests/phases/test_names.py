"""One behaviour, one name: in the limit file, the phases, the sequences, the stops."""

from __future__ import annotations

from fnmatch import fnmatchcase
from importlib import import_module

import pytest

from limits.load import load_limits, shipped_file
from phases import make_safe
from phases.behaviours import BEHAVIOURS
from phases.sequences import behaviours_of, load_stop_table, sequence_names
from tests.phases import rig

SHARED = {f"over_current_{way}": "over_current" for way in ("charge", "discharge")}
END = {"bench_dead", "links"}


def tables() -> set[str]:
    """Name every table of the limit files."""
    return {limit.behaviour for limit in rig.limits().values()}


def test_every_behaviour_lives_in_the_module_of_its_name() -> None:
    """A behaviour is looked for in a module that does not hold it."""
    for name, behaviour in BEHAVIOURS.items():
        assert behaviour.name == name
        module = import_module(f"phases.{SHARED.get(name, name)}")
        assert behaviour.run.__module__ == module.__name__


def test_every_limit_table_is_judged_by_somebody() -> None:
    """A limit stands in the file and no phase judges it."""
    judged = {table for b in BEHAVIOURS.values() for table in (b.tables or (b.name,))}
    assert tables() - judged <= END


def test_result_keys_begin_with_their_table() -> None:
    """A result key says another behaviour than the one that judged it."""
    for name, limit in rig.limits().items():
        assert name.startswith(f"{limit.behaviour}_")
        assert name == limit.name


def test_no_measurement_is_owed_twice() -> None:
    """Two phases judge one name, and the later one decides."""
    limits = rig.limits()
    names = [m.name for b in BEHAVIOURS.values() for m in b.owed(limits)]
    names += [m.name for m in make_safe.owed(limits)]
    assert len(names) == len(set(names))


def test_both_sequences_together_run_every_behaviour() -> None:
    """A behaviour is left out of both whole sequences, or runs twice in one."""
    eol, qualification = behaviours_of("eol"), behaviours_of("qualification")
    for names in (eol, qualification):
        assert len(set(names)) == len(names)
    assert {*eol, *qualification} == set(BEHAVIOURS)


@pytest.mark.parametrize("sequence", ["eol", "qualification"])
def test_every_limit_of_a_sequence_is_owed_in_it(sequence: str) -> None:
    """A limit of a sequence's own file goes unjudged in it."""
    limits = load_limits(shipped_file(sequence))
    names = behaviours_of(sequence)
    owed = {limit.name for name in names for limit in BEHAVIOURS[name].owed(limits)}
    owed |= {limit.name for limit in make_safe.owed(limits)}
    own = load_limits(shipped_file("eol")) if sequence == "qualification" else {}
    due = {name for name in limits if name not in own}
    assert {n for n in due - owed if limits[n].behaviour not in END} == set()


@pytest.mark.parametrize("sequence", sequence_names())
def test_sequences_name_only_behaviours_and_begin_and_end_dead(sequence: str) -> None:
    """A short sequence begins or ends with a live module, or names nothing."""
    names = behaviours_of(sequence)
    assert set(names) <= set(BEHAVIOURS)
    assert names[:2] == ("intake", "dead_terminals")
    assert names[-1] == "off_state"


def test_every_stop_pattern_meets_a_measurement() -> None:
    """A pattern of the stop table is misspelt and stops nothing."""
    names = list(rig.limits())
    for pattern in load_stop_table().patterns:
        assert any(fnmatchcase(name, pattern) for name in names), pattern


def test_stop_table_stops_where_the_test_plan_says() -> None:
    """A module with a dangerous failure is energised again."""
    table = load_stop_table()
    for name in (
        "dead_terminals_v",
        "polarity_ok",
        "over_voltage_contactor_open",
        "over_current_charge_trip_a",
        "agreement_cell_spread_mv",
        "temperature_real_sensors_c",
    ):
        assert table.stops(name)
    assert not table.stops("over_voltage_led_page")
