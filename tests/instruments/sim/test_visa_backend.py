"""The pyvisa backend of the simulated bench: sessions, time-outs, faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import pyvisa
from pyvisa.constants import StatusCode
from pyvisa.util import LibraryPath

from instruments.sim.fault_schedule import FaultSchedule
from instruments.sim.scpi_parameters import Params
from instruments.sim.scpi_responder import Command, ScpiResponder
from instruments.sim.simulated_device import SimulatedDevice
from instruments.sim.visa_backend import SimulatedVisaLibrary
from instruments.sim.world import World

LATENCY_US = 5_000
TIMEOUT_MS = 200
NAME = "TCPIP::box::INSTR"


class Bench:
    """One device behind the backend, with faults of one test's choice."""

    def __init__(self, path: str, **faults: int) -> None:
        self.world = World()
        self.seen_at_us: list[int] = []
        responder = ScpiResponder(
            "Maker,Box,1,2",
            (
                Command("NOW", query=self._now),
                Command("SLOW", query=self._slow),
                Command("LONG", query=lambda _: "x" * 50_000),
                Command("SET", lambda _: None),
                Command("WAIT", self._wait),
            ),
        )
        self.device = SimulatedDevice(
            "box",
            responder,
            self.world,
            lambda: LATENCY_US,
            FaultSchedule(self.world, faults),
        )
        self.library = SimulatedVisaLibrary(LibraryPath(path))
        self.library.attach(self.world, {NAME: self.device})
        self.manager = pyvisa.ResourceManager(self.library)

    def _now(self, params: Params) -> str:
        self.seen_at_us.append(self.world.now_us())
        return str(self.world.now_us())

    def _slow(self, params: Params) -> str:
        self.world.spend_exchange_us(300_000)
        return "slow"

    def _wait(self, params: Params) -> None:
        self.world.spend_exchange_us(300_000)

    def open(self) -> Any:
        """Open the box as a driver does."""
        return self.manager.open_resource(
            NAME, read_termination="\n", write_termination="\n", timeout=TIMEOUT_MS
        )

    def close(self) -> None:
        """Take everything down."""
        self.manager.close()
        self.library.detach()


@pytest.fixture
def benches(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Make benches that are taken down afterwards."""
    made: list[Bench] = []

    def make(**faults: int) -> Bench:
        made.append(Bench(f"{request.node.name}/{len(made)}", **faults))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def error_of(raised: pytest.ExceptionInfo[pyvisa.VisaIOError]) -> int:
    """Take the status out of an exception."""
    return raised.value.error_code


def test_latency_passes_before_execution(benches: Any) -> None:
    """A command would act before it could have reached the instrument."""
    bench = benches()
    box = bench.open()
    assert box.query("NOW?") == str(LATENCY_US)
    assert bench.seen_at_us == [LATENCY_US]
    assert bench.world.now_us() == LATENCY_US


def test_a_reply_longer_than_a_chunk_is_whole(benches: Any) -> None:
    """Long replies would be cut at pyvisa's chunk size."""
    assert benches().open().query("LONG?") == "x" * 50_000


def test_an_unknown_address_is_not_found(benches: Any) -> None:
    """A wrong address would open and fail only at the first exchange."""
    with pytest.raises(pyvisa.VisaIOError) as raised:
        benches().manager.open_resource("TCPIP::nobody::INSTR")
    assert error_of(raised) == StatusCode.error_resource_not_found


def test_an_absent_device_is_not_found(benches: Any) -> None:
    """A device without power would open."""
    with pytest.raises(pyvisa.VisaIOError) as raised:
        benches(absent=0).open()
    assert error_of(raised) == StatusCode.error_resource_not_found


def test_silence_costs_the_timeout(benches: Any) -> None:
    """A hung instrument would cost no bench time, so no watchdog would ever run."""
    bench = benches(silent=0)
    box = bench.open()
    with pytest.raises(pyvisa.VisaIOError) as raised:
        box.query("NOW?")
    assert error_of(raised) == StatusCode.error_timeout
    assert bench.world.now_us() == LATENCY_US + TIMEOUT_MS * 1000


def test_a_read_without_a_question_times_out(benches: Any) -> None:
    """A driver that reads what nobody sends would hang or get an empty text."""
    bench = benches()
    box = bench.open()
    box.write("SET 1")
    with pytest.raises(pyvisa.VisaIOError):
        box.read()
    assert bench.world.now_us() == LATENCY_US + TIMEOUT_MS * 1000


def test_an_answer_slower_than_the_timeout_times_out(benches: Any) -> None:
    """A measurement longer than the time-out would succeed here only."""
    box = benches().open()
    with pytest.raises(pyvisa.VisaIOError):
        box.query("SLOW?")
    assert box.read() == "slow"


def test_a_slow_command_does_not_spoil_the_next_question(benches: Any) -> None:
    """A command longer than the time-out would make the next query time out."""
    box = benches().open()
    box.write("WAIT 1")
    assert box.query("*OPC?") == "1"


@pytest.mark.parametrize("fault", ["late_reply", "partial_reply"])
def test_a_late_reply_answers_the_next_question(benches: Any, fault: str) -> None:
    """A session that is not reopened after a time-out would seem healthy."""
    bench = benches(**{fault: 0})
    box = bench.open()
    with pytest.raises(pyvisa.VisaIOError):
        box.query("*IDN?")
    bench.world.advance_us(2_000_000)
    assert "Maker,Box,1,2".endswith(box.query("NOW?"))


def test_a_reopened_session_is_clean(benches: Any) -> None:
    """An old reply would survive closing and opening the session."""
    bench = benches(late_reply=0)
    box = bench.open()
    box.write("*IDN?")
    box.close()
    again = bench.open()
    bench.world.advance_us(2_000_000)
    with pytest.raises(pyvisa.VisaIOError):
        again.read()


def test_a_fault_begins_at_its_time(benches: Any) -> None:
    """A fault with a start would act from the beginning."""
    bench = benches(silent=1_000_000)
    box = bench.open()
    assert box.query("*OPC?") == "1"
    bench.world.advance_us(1_000_000)
    with pytest.raises(pyvisa.VisaIOError):
        box.query("*OPC?")


def test_a_dropped_link_is_no_timeout(benches: Any) -> None:
    """A closed connection could not be told from a slow instrument."""
    box = benches(link_dropped=0).open()
    with pytest.raises(pyvisa.VisaIOError) as raised:
        box.query("*OPC?")
    assert error_of(raised) == StatusCode.error_connection_lost


def test_an_unsolicited_line_comes_first_and_once(benches: Any) -> None:
    """A line that nobody asked for would not shift the replies, as it really does."""
    box = benches(unsolicited=0).open()
    assert box.query("*OPC?").startswith("**WARNING")
    assert box.read() == "1"
    assert box.query("*OPC?") == "1"


def test_a_closed_session_is_refused(benches: Any) -> None:
    """A closed session could still be used below pyvisa's own check."""
    bench = benches()
    box = bench.open()
    session = box.session
    box.close()
    with pytest.raises(pyvisa.VisaIOError):
        bench.library.write(session, b"*IDN?\n")


def test_clear_empties_the_buffer(benches: Any) -> None:
    """A cleared session would still deliver the old reply."""
    box = benches().open()
    box.write("*IDN?")
    box.clear()
    with pytest.raises(pyvisa.VisaIOError):
        box.read()


def test_two_benches_do_not_meet(benches: Any) -> None:
    """Two benches in one process would share time or devices."""
    one, two = benches(), benches()
    assert one.manager is not two.manager
    one.open().query("*OPC?")
    assert two.world.now_us() == 0


def test_a_detached_library_is_forgotten(benches: Any) -> None:
    """The cache of pyvisa would keep every simulated bench of a long test run alive."""
    bench = benches()
    path = bench.library.library_path
    bench.library.detach()
    assert SimulatedVisaLibrary(path) is not bench.library


def test_listing_names_what_answers(benches: Any) -> None:
    """The tools of pyvisa would not find the simulated devices."""
    bench = benches()
    assert bench.manager.list_resources() == ("TCPIP0::box::inst0::INSTR",)


def test_an_unknown_attribute_is_refused(benches: Any) -> None:
    """A driver could rely on an attribute that does nothing here."""
    box = benches().open()
    assert box.timeout == TIMEOUT_MS
    with pytest.raises(pyvisa.VisaIOError):
        box.get_visa_attribute(pyvisa.constants.ResourceAttribute.tcpip_nodelay)
