"""The SCPI link: proof of identity, shape checks, and nothing after an error."""

from __future__ import annotations

import timeit

import pytest
from pyvisa.constants import StatusCode
from pyvisa.errors import InvalidSession, VisaIOError

from instruments.errors import (
    BadReply,
    InstrumentError,
    InstrumentRefused,
    NotConnected,
    ReplyTimeout,
    WrongInstrument,
)
from instruments.exchange_log import ExchangeLog
from instruments.roles import Identity
from instruments.scpi import ScpiLink
from instruments.scpi_errors import FOREIGN, translate
from tests.instruments.exchange import (
    IDN,
    OPENING,
    TIMEOUT,
    FakeClock,
    ScriptedManager,
    ScriptedResource,
    scripted_link,
)


def link_on(manager: object, log: ExchangeLog | None = None) -> ScpiLink:
    """Make a link on a scripted manager."""
    return ScpiLink(
        manager,  # type: ignore[arg-type]
        "supply",
        "TCPIP::psu::5025::SOCKET",
        FakeClock(1_500_000),
        timeout_s=0.5,
        idn_pattern="^Maker,MODEL,",
        log=log,
    )


def test_open_proves_identity_with_explicit_terminations() -> None:
    """A default termination would make every query wait its whole time-out."""
    manager = ScriptedManager(OPENING)
    assert link_on(manager).open() == Identity("Maker", "MODEL", "S1", "F1")
    address, options = manager.opened[0]
    assert address == "TCPIP::psu::5025::SOCKET"
    assert options["read_termination"] == options["write_termination"] == "\n"
    assert options["timeout"] == 500
    manager.done()


@pytest.mark.parametrize("answer", ["Other,MODEL,S1,F1", "Maker,MODEL,S1", "1"])
def test_another_instrument_is_refused(answer: str) -> None:
    """The station would energise a box it does not know."""
    manager = ScriptedManager([("*IDN?", answer)])
    with pytest.raises(WrongInstrument, match="correct the bench file"):
        link_on(manager).open()
    assert manager.resources[0].closed


def test_a_refused_port_that_opens_is_found() -> None:
    """pyvisa-py opens a refused port without complaint; the first I/O raises."""
    manager = ScriptedManager([("*IDN?", ConnectionRefusedError(111, "refused"))])
    with pytest.raises(NotConnected, match="refused"):
        link_on(manager).open()


def test_a_bare_exception_while_opening_is_ours() -> None:
    """pyvisa-py raises a bare Exception for a dead host."""

    class DeadHost:
        def open_resource(self, *_: object, **__: object) -> None:
            raise Exception("could not connect: timed out")

    with pytest.raises(NotConnected, match="could not connect"):
        link_on(DeadHost()).open()


@pytest.mark.parametrize("timeout_s", [0.0, 0.0004, -1.0])
def test_a_time_out_that_means_no_waiting_is_refused(timeout_s: float) -> None:
    """Pyvisa takes fractions of a millisecond and -1 for 'immediate'."""
    with pytest.raises(ValueError, match="no waiting"):
        ScpiLink(
            ScriptedManager(),  # type: ignore[arg-type]
            "supply",
            "x",
            FakeClock(),
            timeout_s=timeout_s,
            idn_pattern="x",
        )


def test_cr_lf_and_blanks_are_stripped() -> None:
    """ON with a carriage return behind it would not be equal to ON."""
    link, _ = scripted_link(("OUTP?", b" ON\r\n"))
    link.open()
    assert link.query("OUTP?") == "ON"


def test_nothing_is_sent_after_a_time_out_until_reopened() -> None:
    """The late reply would answer the next query."""
    manager = ScriptedManager(
        [*OPENING, ("MEAS:VOLT?", TIMEOUT)], [*OPENING, ("MEAS:VOLT?", "52.2")]
    )
    link = link_on(manager)
    link.open()
    with pytest.raises(ReplyTimeout):
        link.query("MEAS:VOLT?")
    assert manager.resources[0].closed
    for _ in range(2):
        with pytest.raises(NotConnected, match=r"MEAS:VOLT.*reopen"):
            link.query("MEAS:CURR?")
    link.reopen()
    assert link.read_float("MEAS:VOLT?") == 52.2
    manager.done()


def test_a_blind_command_goes_out_on_a_session_of_its_own() -> None:
    """A source that does not answer is never told to go off, or its answer is read."""
    manager = ScriptedManager(
        [*OPENING, ("MEAS:VOLT?", TIMEOUT)],
        [("OUTP OFF", "a late answer")],
        [*OPENING, ("MEAS:VOLT?", "52.2")],
    )
    link = link_on(manager)
    link.open()
    with pytest.raises(ReplyTimeout):
        link.query("MEAS:VOLT?")
    link.send_blind("OUTP OFF")
    assert manager.resources[1].closed
    with pytest.raises(NotConnected, match="reopen"):
        link.query("MEAS:VOLT?")
    link.reopen()
    assert link.read_float("MEAS:VOLT?") == 52.2
    manager.done()


def test_a_blind_command_to_nobody_is_no_error() -> None:
    """The way to a dead bench ends at an instrument that is not there."""
    link = link_on(ScriptedManager())
    link.send_blind("OUTP OFF")
    with pytest.raises(NotConnected):
        link.query("OUTP?")


def test_an_interrupted_exchange_poisons_the_session() -> None:
    """A killed thread would leave a reply for whoever asks next."""

    class Killed(ScriptedResource):
        def read_raw(self, size: int | None = None) -> bytes:
            if self.script:
                return super().read_raw(size)
            raise KeyboardInterrupt

    manager = ScriptedManager()
    manager.resources = [Killed([*OPENING, ("MEAS:VOLT?", "1"), ("X?", "")])]
    link = link_on(manager)
    link.open()
    link.query("MEAS:VOLT?")
    with pytest.raises(KeyboardInterrupt):
        link.query("X?")
    assert manager.resources[0].closed


@pytest.mark.parametrize(
    "reply", ["", "ON", "9.9E37", "-9.9E37", "NAN", "INF", "1;2", "**ERROR: late"]
)
def test_a_number_of_another_shape_closes_the_session(reply: str) -> None:
    """An unsolicited line or an overload would become a voltage."""
    link, manager = scripted_link(("MEAS:VOLT?", reply))
    link.open()
    with pytest.raises(BadReply, match="MEAS:VOLT"):
        link.read_float("MEAS:VOLT?")
    assert manager.resources[0].closed


def test_a_reply_without_its_end_is_refused() -> None:
    """Half of '12.34' is a good number too."""
    link, _ = scripted_link(("MEAS:VOLT?", b"12."))
    link.open()
    with pytest.raises(BadReply, match="ends with LF"):
        link.query("MEAS:VOLT?")


def test_the_wrong_number_of_fields_is_refused() -> None:
    """Current would be taken for voltage."""
    link, _ = scripted_link(("A?;:B?", "1"))
    link.open()
    with pytest.raises(BadReply, match="2 fields"):
        link.read_fields("A?;:B?", 2)


def test_booleans_are_zero_one_on_off_only() -> None:
    """A truthy '2' would switch something."""
    link, _ = scripted_link()
    link.open()
    assert [link.to_bool("X?", word) for word in ("0", "1", "OFF", "ON")] == [
        False,
        True,
        False,
        True,
    ]
    with pytest.raises(BadReply):
        link.to_bool("X?", "2")


def test_integers_may_have_a_plus_sign() -> None:
    """Registers of some makers read '+8'."""
    link, _ = scripted_link()
    link.open()
    assert link.to_int("X?", "+8") == 8
    with pytest.raises(BadReply):
        link.to_int("X?", "8.0")


def test_a_command_waits_for_completion() -> None:
    """A setting would be used before it is in force."""
    link, manager = scripted_link(("*RST;*OPC?", "1"), ("*RST;*OPC?", "0"))
    link.open()
    link.command("*RST")
    with pytest.raises(BadReply):
        link.command("*RST")
    manager.done()


def test_apply_sets_reads_back_and_checks_the_queue_in_one_message() -> None:
    """Each further message costs latency, and time in which others may speak."""
    link, manager = scripted_link(
        ("VOLT 58;*OPC?;:VOLT?;:SYST:ERR?", '1;5.8E+01;+0,"No error"')
    )
    link.open()
    assert link.apply("VOLT 58", "VOLT?") == ["5.8E+01"]
    manager.done()


def test_a_refused_setting_names_code_and_text_and_empties_the_queue() -> None:
    """The next setting would be blamed for this one's errors."""
    link, manager = scripted_link(
        ("VOLTA 58;*OPC?;:VOLT?;:SYST:ERR?", '1;0;-113,"Undefined header;VOLTA"'),
        ("SYST:ERR?", '-222,"Data out of range"'),
        ("SYST:ERR?", '0,"No error"'),
    )
    link.open()
    with pytest.raises(InstrumentRefused, match=r"-113.*-222"):
        link.apply("VOLTA 58", "VOLT?")
    manager.done()
    assert not manager.resources[0].closed


@pytest.mark.parametrize(
    "reply", ['0;5;0,"No error"', '1;0,"No error"', "1;5", "1;5;x"]
)
def test_apply_refuses_a_reply_of_another_shape(reply: str) -> None:
    """Not complete, a field missing, no queue entry: the setting is not proved."""
    link, _ = scripted_link(("VOLT 5;*OPC?;:VOLT?;:SYST:ERR?", reply))
    link.open()
    with pytest.raises(BadReply):
        link.apply("VOLT 5", "VOLT?")


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (TIMEOUT, ReplyTimeout),
        (VisaIOError(StatusCode.error_connection_lost), NotConnected),
        (VisaIOError(StatusCode.error_resource_not_found), NotConnected),
        (InvalidSession(), NotConnected),
        (TimeoutError("late"), ReplyTimeout),
        (BrokenPipeError(32, "broken"), NotConnected),
        (ConnectionResetError(104, "reset"), NotConnected),
        (OSError("no such device"), NotConnected),
        (UnicodeDecodeError("ascii", b"\xb0", 0, 1, "not ASCII"), BadReply),
        (NotImplementedError("nsup"), NotConnected),
    ],
)
def test_every_foreign_error_becomes_one_of_ours(
    foreign: Exception, ours: type[InstrumentError]
) -> None:
    """A driver's caller would have to know pyvisa, sockets and codecs."""
    assert isinstance(foreign, FOREIGN)
    assert type(translate("supply", "'X?'", foreign)) is ours
    link, manager = scripted_link(("X?", foreign))
    link.open()
    with pytest.raises(ours, match="role: "):
        link.query("X?")
    assert manager.resources[0].closed


def test_a_degree_sign_is_a_bad_reply() -> None:
    """Bytes that are not ASCII raise UnicodeDecodeError in the codec."""
    link, _ = scripted_link(("X?", b"25 \xb0C\n"))
    link.open()
    with pytest.raises(BadReply):
        link.query("X?")


def test_every_byte_both_ways_is_logged() -> None:
    """A dispute about an exchange could not be settled."""
    lines: list[str] = []
    manager = ScriptedManager([*OPENING, ("X?", TIMEOUT)])
    link = link_on(manager, ExchangeLog(lines.append))
    link.open()
    with pytest.raises(ReplyTimeout):
        link.query("X?")
    assert lines == [
        "1.500000 supply > '*IDN?\\n'\n",
        f"1.500000 supply < '{IDN}\\n'\n",
        "1.500000 supply > '*CLS;*OPC?;:SYST:ERR?\\n'\n",
        "1.500000 supply < '1;+0,\"No error\"\\n'\n",
        "1.500000 supply > 'X?\\n'\n",
        "1.500000 supply < ''\n",
    ]


def test_the_link_itself_costs_little() -> None:
    """A run makes some 60,000 queries; ours shall be a small part of each."""

    class Trivial(ScriptedResource):
        def write_raw(self, message: bytes) -> int:
            self.asked = message
            return len(message)

        def read_raw(self, size: int | None = None) -> bytes:
            return replies.get(self.asked, b"+5.22E+01\n")

    replies = {
        f"{sent}\n".encode(): f"{reply}\n".encode()
        for sent, reply in OPENING
        if isinstance(reply, str)
    }
    manager = ScriptedManager()
    manager.resources = [Trivial([])]
    link = link_on(manager)
    link.open()
    calls = 2000
    best_s = min(timeit.repeat(lambda: link.query("X?"), number=calls, repeat=5))
    assert best_s / calls < 20e-6  # about 1 us alone; generous for a loaded machine
