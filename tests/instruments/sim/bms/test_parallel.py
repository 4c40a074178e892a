"""Stories of the cluster: joining, refusal, loss of the master, the master's view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from instruments.sim.bms.interface import BmsInitial
from tests.instruments.sim.bms.rig import OneFault, Rig, S

MASTER, SLAVE1, SLAVE2, CAN_SWITCH = 1, 2, 3, 16


class Chain:
    """Rigs on one RS485 chain and one bus bar, stepped in the order of their wakes."""

    def __init__(
        self,
        dips: Sequence[int],
        faults: Mapping[str, Sequence[OneFault]] | None = None,
    ) -> None:
        self.rigs = [Rig(BmsInitial(50.0), faults=faults) for _ in dips]
        self.linked = True
        self.port_a_cable = False
        for rig, dip in zip(self.rigs, dips, strict=True):
            rig.dip = dip

    def bus_v(self) -> float:
        """Return the voltage of the first closed module, 0 without one."""
        for rig in self.rigs:
            if rig.closed:
                return sum(rig.cell_v)
        return 0.0

    def step(self, rig: Rig, a: tuple[bytes, ...], b: tuple[bytes, ...]) -> None:
        """Step one module and hand on what it says."""
        rig.terminal_v = self.bus_v()
        out = rig.step(a=a, b=b)
        if not self.linked:
            return
        k = self.rigs.index(rig)
        if out.rs485_b and k + 1 < len(self.rigs):
            self.deliver(self.rigs[k + 1], a=out.rs485_b)
        if out.rs485_a and k > 0:
            self.deliver(self.rigs[k - 1], b=out.rs485_a)

    def deliver(
        self, rig: Rig, a: tuple[bytes, ...] = (), b: tuple[bytes, ...] = ()
    ) -> None:
        """Deliver messages at the present time."""
        rig.now_us = max(rig.now_us, self.now_us)
        self.step(rig, a, b)

    @property
    def now_us(self) -> int:
        """Return the latest time of any module."""
        return max(rig.now_us for rig in self.rigs)

    def run(self, seconds: float) -> None:
        """Let time pass for all."""
        end_us = self.now_us + round(seconds * S)
        for rig in self.rigs:
            self.step(rig, (), ())
        while True:
            rig = min(self.rigs, key=lambda r: r.out.next_wake_us)
            if rig.out.next_wake_us > end_us:
                break
            rig.now_us = rig.out.next_wake_us
            cable = self.port_a_cable and rig is self.rigs[0]
            self.step(rig, (b"?",) if cable else (), ())
        for rig in self.rigs:
            rig.now_us = end_us
            self.step(rig, (), ())

    def press(self, rig: Rig, seconds: float) -> None:
        """Press the button of one module."""
        rig.pressed = True
        self.run(seconds)
        rig.pressed = False
        self.run(0.0)


def started(chain: Chain) -> Chain:
    """Start every module in order."""
    for rig in chain.rigs:
        chain.press(rig, 1.0)
        chain.run(7.0)
    return chain


def test_cluster_counts_its_slaves_and_sums_limits() -> None:
    """PR-14, PR-24: modules that are not counted, or limits of one module only."""
    chain = started(Chain([MASTER | CAN_SWITCH, SLAVE1, SLAVE2]))
    master, slave1, slave2 = chain.rigs
    assert [rig.closed for rig in chain.rigs] == [True] * 3
    chain.run(2.5)
    assert master.say(0x359)["modules_online"] == 3
    assert master.say(0x351)["charge_current_limit_a"] == pytest.approx(258.0)
    assert slave1.frames == slave2.frames == []
    assert master.register("slaves_online") == 0b11


@pytest.mark.parametrize(("difference_v", "joins"), [(2.2, False), (1.8, True)])
def test_two_volt_rule(difference_v: float, joins: bool) -> None:
    """PR-04, PR-21, AL-09: a slave joins at 2.2 V, or pulses its contactor."""
    chain = Chain([MASTER, SLAVE1])
    master, slave = chain.rigs
    slave.set_pack(52.5 - difference_v)
    master.set_pack(52.5)
    started(chain)
    assert slave.closed is joins
    if not joins:
        assert slave.commands == []
        assert slave.red in ("", "12345")
        seen = set()
        for _ in range(11):
            chain.run(1.0)
            seen.add(slave.red)
        assert seen == {"", "12345"}
        assert int(slave.register("slaves_online")) >> 15 == 1
        assert int(master.register("slaves_online")) >> 15 == 1


def test_no_voltage_rule_fault_lets_it_join() -> None:
    """The named fault must disable the rule, or the campaign tests nothing."""
    chain = Chain(
        [MASTER, SLAVE1], {"module.bms.parallel": [OneFault("no_voltage_rule")]}
    )
    chain.rigs[1].set_pack(49.0)
    started(chain)
    assert chain.rigs[1].closed


def test_master_shutdown_timeline_of_a_slave() -> None:
    """PR-16..18: RUN of the master off at once, red at 10 s, all off at 60 s."""
    chain = started(Chain([MASTER, SLAVE1]))
    master, slave = chain.rigs
    chain.press(master, 5.0)
    assert master.out.button_led == "off"
    assert not master.closed
    off_s = 4.5  # the long press counts from here
    start_us = chain.now_us - round((5.0 - off_s) * S)
    red_s = dark_s = None
    for _ in range(700):
        chain.run(0.1)
        age_s = (chain.now_us - start_us) / S
        if red_s is None and slave.red == "12":
            red_s = age_s
            assert slave.out.button_led == "green"
            assert slave.closed
        if dark_s is None and slave.out.leds == ("off",) * 5:
            dark_s = age_s
    assert red_s is not None
    assert dark_s is not None
    assert 10.0 <= red_s <= 12.0
    assert 60.0 <= dark_s <= 62.0
    assert not slave.closed
    assert slave.out.button_led == "off"


def test_cut_chain_is_a_lost_master_that_heals() -> None:
    """AL-10, LD-14: LED1-2 red, and gone when the cable is back."""
    chain = started(Chain([MASTER, SLAVE1]))
    master, slave = chain.rigs
    chain.linked = False
    chain.run(12.0)
    assert slave.red == "12"
    assert master.register("slaves_online") == 0
    chain.linked = True
    chain.run(3.0)
    assert slave.red == ""
    assert slave.closed


def test_cable_on_port_a_of_the_master_is_a_fault() -> None:
    """PR-12: the wrong port goes unnoticed, or the fault stays for ever."""
    chain = started(Chain([MASTER | CAN_SWITCH]))
    master = chain.rigs[0]
    chain.port_a_cable = True
    chain.run(3.0)
    assert master.red == "12345"
    assert master.say(0x359)["protections"] == frozenset({"system_error"})
    chain.port_a_cable = False
    chain.run(8.0)
    assert master.red == ""


def test_master_without_switch_five_is_silent_on_can() -> None:
    """PR-09: CAN traffic from a master whose switch 5 is off."""
    chain = started(Chain([MASTER]))
    assert chain.rigs[0].frames == []


def test_dip_is_read_at_the_start_only() -> None:
    """PR-08: a switch moved on a running module must wait for its restart."""
    rig = Rig().start()
    rig.dip = MASTER
    rig.run(5.0)
    assert rig.sent_b == []
    rig.press(5.0)
    rig.start()
    assert rig.sent_b != []


def test_slave_without_master_does_not_close() -> None:
    """A slave alone shows the lost master and goes off."""
    chain = Chain([SLAVE1])
    slave = chain.rigs[0]
    chain.press(slave, 1.0)
    chain.run(12.0)
    assert slave.commands == []
    assert slave.red == "12"
    chain.run(60.0)
    assert slave.out.leds == ("off",) * 5
