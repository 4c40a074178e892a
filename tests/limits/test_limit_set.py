"""A limit set: order, lookup, and a fingerprint that follows the content alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limits import Limit, LimitSet, UnknownLimit

TRIP = Limit("a_trip_v", 1.0, 2.0, None, "V", "manual L1", "manual", behaviour="a")
FLAG = Limit("b_flag", None, None, True, "1", "manual L2", "manual", behaviour="b")


def make_set(*limits: Limit) -> LimitSet:
    """Make a set as the loader does."""
    named = {limit.name: limit for limit in limits}
    return LimitSet("x.toml", "Example", named, ("x.toml",))


def test_unknown_name_names_file_and_key() -> None:
    """A phase that asks for a missing limit would fail without a trace of where."""
    with pytest.raises(UnknownLimit, match=r"^x\.toml: a_delay_s: no such limit"):
        make_set(TRIP)["a_delay_s"]


def test_set_behaves_as_a_mapping() -> None:
    """`in` and get() rely on a KeyError for a missing name."""
    limits = make_set(TRIP, FLAG)
    assert list(limits) == ["a_trip_v", "b_flag"]
    assert len(limits) == 2
    assert "a_delay_s" not in limits
    assert limits.get("a_delay_s") is None


def test_behaviour_lists_its_own_limits_only() -> None:
    """A step would be judged by the limits of another one."""
    limits = make_set(TRIP, FLAG)
    assert limits.for_behaviour("a") == (TRIP,)
    assert limits.behaviours() == ("a", "b")


def test_unknown_behaviour_is_refused() -> None:
    """A step whose table is missing would owe nothing, and pass."""
    with pytest.raises(UnknownLimit, match="known: a, b"):
        make_set(TRIP, FLAG).for_behaviour("c")


def test_fingerprint_ignores_order_and_sees_every_field() -> None:
    """Two records with different limits could carry the same hash."""
    base = make_set(TRIP, FLAG).sha256
    assert base == make_set(FLAG, TRIP).sha256
    changes = (
        {"low": 1.1},
        {"high": 2.1},
        {"unit": "A"},
        {"source": "manual L3"},
        {"status": "derived"},
        {"requirements": ("EL-09",)},
        {"safety": True},
        {"note": "C01"},
    )
    hashes = [make_set(replace(TRIP, **change), FLAG).sha256 for change in changes]
    assert len({base, *hashes}) == 1 + len(changes)
