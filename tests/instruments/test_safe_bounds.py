"""make_safe in time with any one instrument hung, in every energised state.

Bounds of the test plan: the others safe within 2 s, back within 10 s without its
module-dead step, and 25 s more with it. Times are the simulated world's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from instruments.bench import Bench
from instruments.errors import InstrumentError
from instruments.roles import INSTRUMENT_ROLES
from phases.operate import ensure_running, press, shut_down
from phases.peers import Role, set_role, start_peer
from tests.instruments.test_bench import fault
from tests.phases import rig

HUNG_S = 40.0
OTHERS_S = 2.0
BACK_S = 10.0
MODULE_DEAD_S = 25.0
CURRENT_A = 43.0
RUNNING: Mapping[str, Any] = {"soc_pct": 50.0, "module": "running"}


def charge(bench: Bench) -> None:
    """Charge a running module."""
    ensure_running(bench)
    bench.charge(CURRENT_A, 56.0)


def discharge(bench: Bench) -> None:
    """Discharge a running module."""
    ensure_running(bench)
    bench.discharge(CURRENT_A)


def join(bench: Bench) -> None:
    """Join the module to a peer, so that the link carries a current."""
    shut_down(bench)
    set_role(bench, Role.SLAVE)
    start_peer(bench, "peer1")
    bench.join_peer("peer1_contactor")
    press(bench, 1.0)


STATES = {"charging": charge, "discharging": discharge, "joined": join}


class LiveUntil:
    """Notes from the world until when each part was live."""

    def __init__(self, bench: Bench) -> None:
        self.last_s: dict[str, float] = {}
        self._bench = bench
        self._start_s = bench.now_s()
        bench.world.plant.on_step.append(self.look)
        self.look()

    def look(self) -> None:
        """Look at the true state of the bench."""
        plant = self._bench.world.plant
        fixture = plant.fixture
        now_s = self._bench.world.world.t_us / 1e6 - self._start_s
        for part, live in (
            ("supply", plant.supply.output_on),
            ("load", plant.load.input_on),
            ("switchbox", fixture.contactor_closed or fixture.peer1_contactor),
        ):
            if live:
                self.last_s[part] = now_s


@pytest.mark.parametrize("role", INSTRUMENT_ROLES)
@pytest.mark.parametrize("state", STATES)
def test_one_hung_instrument_does_not_keep_the_others_live(
    state: str, role: str
) -> None:
    """The way to a dead bench waits for one instrument while the others stay on."""
    with rig.opened(RUNNING, fault(role, "silent", HUNG_S)) as bench:
        _energise_until_hung(bench, STATES[state])
        live = LiveUntil(bench)
        start_s = bench.now_s()
        report = bench.make_safe(module_dead=False)
        assert bench.now_s() - start_s <= BACK_S
        late = {part for part, t_s in live.last_s.items() if t_s > OTHERS_S}
        assert late <= {role}
        proofs = {"ntc_emulator", "led_reader", "module_meter"}
        assert report.dead is (role in proofs)


@pytest.mark.parametrize("role", ["switchbox", "module_meter", "led_reader", "supply"])
def test_module_dead_step_has_a_bound_of_its_own(role: str) -> None:
    """A module that cannot be pressed or watched holds the end up for minutes."""
    with rig.opened(RUNNING, fault(role, "silent", HUNG_S)) as bench:
        _energise_until_hung(bench, charge)
        start_s = bench.now_s()
        report = bench.make_safe()
        assert bench.now_s() - start_s <= BACK_S + MODULE_DEAD_S
        assert report.module_asked


def _energise_until_hung(bench: Bench, energise: Callable[[Bench], None]) -> None:
    """Energise and look on until the hung instrument is found, or a little longer."""
    energise(bench)
    try:
        bench.hold(HUNG_S + 1.5 - bench.now_s())
    except InstrumentError:
        assert bench.now_s() < HUNG_S + 2.0
