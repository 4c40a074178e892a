"""What holds for any input: bounds, exclusiveness, and the same answer twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.sim.bms.button import Button, ButtonParameters
from instruments.sim.bms.derating import Row, rate_c
from instruments.sim.bms.interface import BmsInitial
from instruments.sim.bms.lockout import Lockout, LockoutParameters
from instruments.sim.bms.parameters import Faults
from instruments.sim.bms.restart import Restart, RestartParameters
from instruments.sim.bms.rule import Delay
from instruments.sim.bms.sense import NtcParameters, ntc_ohm, ntc_temperature_c
from tests.instruments.sim.bms.rig import Rig, S

NTC = NtcParameters(10_000.0, 3435.0)
ROWS = (Row(0.5, 0.1), Row(10.5, 0.5), Row(45.0, 1.0))


@given(st.integers(1, 40), st.integers(1, 60))
def test_delay_elapses_exactly_when_held(delay_ds: int, held_ds: int) -> None:
    """A delay that ends early or late by any amount."""
    delay = Delay(delay_ds / 10)
    delay.elapsed(True, 0)
    assert delay.elapsed(True, held_ds * S // 10) is (held_ds >= delay_ds)


@given(st.integers(1, 100))
def test_press_is_short_or_long_or_nothing(held_ds: int) -> None:
    """One press must never be two, and only the windows count."""
    button = Button(ButtonParameters(0.5, 3.0, 4.5))
    seen = [button.update(True, t * S // 10) for t in range(held_ds)]
    seen.append(button.update(False, held_ds * S // 10))
    found = [press for press in seen if press]
    held_s = held_ds / 10
    if held_s > 4.5:
        assert found == ["long"]
    elif 0.5 <= held_s <= 3.0:
        assert found == ["short"]
    else:
        assert found == []


@given(st.floats(-60.0, 90.0))
def test_rate_is_one_of_the_rows_or_zero(temperature_c: float) -> None:
    """A temperature between two rows without any row."""
    rate = rate_c(ROWS, -10.0, temperature_c)
    inside = -10.0 <= temperature_c <= 45.0
    assert rate in ((0.1, 0.5, 1.0) if inside else (0.0,))


@given(st.floats(-40.0, 120.0))
def test_thermistor_there_and_back(temperature_c: float) -> None:
    """The two directions of the curve must agree."""
    ohm = ntc_ohm(temperature_c, NTC)
    assert abs(ntc_temperature_c(ohm, NTC.r25_ohm, NTC.b_k) - temperature_c) < 1e-6


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_lockout_never_needs_fewer_than_four(gaps_s: list[int]) -> None:
    """A lock after fewer than four trips within half an hour of each other."""
    parameters = LockoutParameters(4, 1800.0, 1800.0, ("over_voltage",))
    lockout = Lockout(parameters, Faults(()), 0)
    now_us, row = 0, 0
    for gap_s in gaps_s:
        now_us += gap_s * S
        row = row + 1 if gap_s < 1800 or row == 0 else 1
        was_locked = lockout.locked(now_us)
        lockout.trip("over_voltage", now_us)
        if row >= 4:
            assert lockout.locked(now_us)
            row = 0
        else:
            assert lockout.locked(now_us) is was_locked


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=10, unique=True))
def test_restart_makes_each_attempt_once(attempts_s: list[int]) -> None:
    """An attempt that is repeated or left out."""
    restart = Restart(
        RestartParameters(tuple(float(s) for s in attempts_s), 900.0), Faults(())
    )
    restart.trip(0)
    made = [s for s in range(5001) if restart.attempt(s * S)]
    assert made == sorted(attempts_s)


MOVES = st.lists(
    st.tuples(
        st.floats(44.0, 60.0),
        st.floats(-130.0, 130.0),
        st.floats(-30.0, 80.0),
        st.integers(1, 200),
    ),
    min_size=1,
    max_size=6,
)


def play(moves: list[tuple[float, float, float, int]]) -> Rig:
    """Run a module through voltages, currents and temperatures."""
    rig = Rig(BmsInitial(50.0, "running"))
    for pack_v, current_a, temperature_c, seconds in moves:
        rig.set_pack(pack_v)
        rig.current_a = current_a
        rig.set_temperature(temperature_c)
        rig.run(float(seconds))
        assert 0 <= rig.say(0x355)["soc_pct"] <= 100
        limits = rig.say(0x351)
        assert 0.0 <= limits["charge_current_limit_a"] <= 86.0
        assert 0.0 <= limits["discharge_current_limit_a"] <= 86.0
        if seconds > 10 and (not 46.0 < pack_v < 58.9 or abs(current_a) >= 118.0):
            charging_low = pack_v <= 46.0 and 1.0 < current_a < 118.0
            assert not rig.closed or charging_low
    return rig


@settings(max_examples=25, deadline=None)
@given(MOVES)
def test_any_life_stays_in_bounds_and_repeats(
    moves: list[tuple[float, float, float, int]],
) -> None:
    """Limits or SOC out of range, a missed trip, or two runs that differ."""
    first, second = play(moves), play(moves)
    assert first.frames == second.frames
    assert first.commands == second.commands
