"""What instruments and the module send: each wrong reply is an error, never a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyvisa.resources import MessageBasedResource

from instruments.drivers.chroma_63200a import Chroma63200a
from instruments.drivers.feasa import FeasaLedAnalyser
from instruments.drivers.feasa_line import FeasaLine
from instruments.drivers.keysight_34465a import Keysight34465a, Keysight34465aShunt
from instruments.drivers.keysight_34980a import Keysight34980a
from instruments.drivers.keysight_daq970a import KeysightDaq970a
from instruments.drivers.keysight_rp7900 import KeysightRp7900
from instruments.drivers.resistance import ResistanceEmulator
from instruments.errors import InstrumentError, StaleReading
from instruments.links.can_link import CanLink
from instruments.links.service_link import ServiceLink
from instruments.scpi import ScpiLink
from instruments.wire import weco_service as wire
from instruments.wire.checksum import keyed_checksum
from instruments.wire.pylon_lv import PylonLv
from tests.hostile.corpus import Entry, bytes_of, load
from tests.instruments.exchange import FakeClock, ScriptedBus, ScriptedPort

SCPI = load("scpi_replies")
CAN = load("can_payloads")
SERVICE = load("service_replies")
LED = load("led_replies")
LONGEST_MESSAGE = 1500
CODEC = PylonLv()
PROFILE = wire.load_profile()


class Parrot(MessageBasedResource):
    """A session that answers whatever it is asked with the same bytes."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply

    def write_raw(self, message: bytes) -> int:
        """Take any message."""
        return len(message)

    def read_raw(self, size: int | None = None) -> bytes:
        """Give the one reply."""
        return self.reply

    def close(self) -> None:
        """Do nothing."""

    def __del__(self) -> None:
        """Nothing to release."""


class Opener:
    """A resource manager whose sessions open well and then answer like a parrot."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply

    def open_resource(self, address: str, **options: object) -> Parrot:
        """Open a session."""
        return Parrot(self.reply)


def linked(reply: bytes) -> ScpiLink:
    """Make a link whose every reply is this one, past its opening."""
    link = ScpiLink(
        Opener(reply),  # type: ignore[arg-type]
        "box",
        "TCPIP::box::5025::SOCKET",
        FakeClock(),
        timeout_s=0.5,
        idn_pattern="^Maker,",
    )
    link._resource = Parrot(reply)
    return link


def box(link: ScpiLink) -> Keysight34980a:
    """Make a switchbox on a link."""
    return Keysight34980a(
        link, lines={"dead_man": 1005, "button": 1001}, inputs={"estop_ok": 0}
    )


QUESTIONS: dict[str, Callable[[ScpiLink], object]] = {
    "opening": lambda link: link.open(),
    "voltage": lambda link: Keysight34465a(link).measure_voltage_v(),
    "current": lambda link: Keysight34465aShunt(
        link, shunt_ohm=0.0005
    ).measure_current_a(),
    "supply": lambda link: KeysightRp7900(link).measure(),
    "supply's output": lambda link: KeysightRp7900(link).read_output(),
    "supply off": lambda link: KeysightRp7900(link).set_output(False),
    "watchdog": lambda link: KeysightRp7900(link).read_watchdog(),
    "watchdog armed": lambda link: KeysightRp7900(link).arm_watchdog(2),
    "load": lambda link: Chroma63200a(link, dead_man=True).measure(),
    "load's input": lambda link: Chroma63200a(link, dead_man=True).read_input(),
    "scan": lambda link: KeysightDaq970a(
        link, channels={"a_v": (101, "VOLT:DC 100"), "b_c": (104, "TEMP TC,K")}
    ).measure(("a_v", "b_c")),
    "inputs": lambda link: box(link).read_inputs(),
    "dead-man": lambda link: box(link).feed_dead_man(),
    "line": lambda link: box(link).set_line("button", False),
    "sensor": lambda link: ResistanceEmulator(link, channels=4).read_state(1),
}
GOOD_SOMEWHERE = {
    ("two values", "scan"),  # two channels: two values
    ("decimal comma", "scan"),
}


def check_error(error: InstrumentError) -> None:
    """Check that an error is fit to be shown and stored, whatever came."""
    text = str(error)
    assert text.isprintable()
    assert len(text) < LONGEST_MESSAGE


@pytest.mark.parametrize("name", SCPI)
def test_scpi_reply_is_refused_by_every_driver(name: str) -> None:
    """Half a reply, or another instrument's, would be a voltage or an output off."""
    entry = SCPI[name]
    reply = bytes_of(entry) + (b"\n" if entry.get("lf", True) else b"")
    for question, ask in QUESTIONS.items():
        if (name, question) in GOOD_SOMEWHERE:
            continue
        with pytest.raises(InstrumentError) as caught:
            pytest.fail(f"{question}: {ask(linked(reply))!r} from {reply[:60]!r}")
        check_error(caught.value)


@given(st.binary(max_size=40), st.booleans(), st.sampled_from(sorted(QUESTIONS)))
def test_any_reply_is_a_value_or_an_error(
    reply: bytes, whole: bool, question: str
) -> None:
    """Some reply would end in a traceback."""
    try:
        QUESTIONS[question](linked(reply + b"\n" * whole))
    except InstrumentError as error:
        check_error(error)


@given(st.from_regex(r"[+-]?[0-9_.eE]{1,12}[ \f\v\x1c-\x1f]?", fullmatch=True))
def test_number_is_written_as_scpi_writes_it(field: str) -> None:
    """Python reads more for a number than an instrument may say."""
    link = linked(field.encode() + b"\n")
    try:
        value = link.read_float("READ?")
    except InstrumentError:
        return
    assert set(field.strip(" ")) <= set("+-0123456789.eE")
    assert float(field) == value


# --- CAN ------------------------------------------------------------------------------


GOOD_FRAMES: dict[int, bytes] = {
    0x351: CODEC.encode_limits(56.0, 65.0, 132.0, 46.0),
    0x355: CODEC.encode_soc(50.0, 100.0),
    0x356: CODEC.encode_pack(52.0, 0.0, 25.0),
    0x359: CODEC.encode_flags(frozenset(), frozenset(), 1),
    0x35C: CODEC.encode_enables(True, True, False, False, False),
    0x35E: CODEC.encode_maker("PYLON"),
}


@pytest.mark.parametrize("name", CAN)
def test_can_payload_takes_the_last_values_away(name: str) -> None:
    """A frame that nobody understands would leave the old value in force."""
    can_id, data = CAN[name]["id"], bytes_of(CAN[name])
    bus = ScriptedBus()
    link = CanLink(bus, FakeClock(1_000_000), CODEC)  # type: ignore[arg-type]
    bus.put(can_id, GOOD_FRAMES[can_id], 900_000)
    link.drain()
    said = set(link.state.snapshot())
    assert said
    bus.put(can_id, data, 950_000)
    link.drain()
    assert [frame[1:] for frame in link.malformed] == [(can_id, data)]
    assert link.state.snapshot() == {}
    for value in said:
        with pytest.raises(StaleReading):
            link.state.read(value, 10.0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*GOOD_FRAMES, 0, 0x305, 0x7FF]),
            st.binary(max_size=8),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_any_traffic_is_taken(frames: list[tuple[int, bytes, bool]]) -> None:
    """Some frame of some bus would end the run with a traceback."""
    bus = ScriptedBus()
    link = CanLink(bus, FakeClock(1_000_000), CODEC)  # type: ignore[arg-type]
    for can_id, data, extended in frames:
        bus.put(can_id, data, 1_000_000, extended)
    assert link.drain() == len(frames)
    assert link.malformed_count <= len(frames)


# --- the service link -----------------------------------------------------------------


class ParrotPort(ScriptedPort):
    """A port that confirms the session key and answers every question the same."""

    def __init__(self, reply: bytes) -> None:
        super().__init__([])
        self.reply = reply

    def write(self, data: bytes, /) -> int:
        """Take any frame."""
        announced = data == wire.encode_announce(PROFILE.key)
        self.inbox += wire.encode_announce_ack(PROFILE.key) if announced else self.reply
        return len(data)


def reply_of(entry: Entry) -> bytes:
    """Write the bytes of an entry, with the checksum that it asks for."""
    body = bytes_of(entry)
    wanted = entry.get("sum")
    if wanted is None:
        return body
    checksum = keyed_checksum(body, PROFILE.key)
    return body + (checksum[::-1] if wanted == "swapped" else checksum)


@pytest.mark.parametrize("name", SERVICE)
def test_service_reply_is_refused(name: str) -> None:
    """Noise on the line would be a threshold of the module."""
    link = ServiceLink(ParrotPort(reply_of(SERVICE[name])), FakeClock(), PROFILE)
    with pytest.raises(InstrumentError) as caught:
        pytest.fail(f"read {link.read_words(14, 2)}")
    check_error(caught.value)
    link.send("main")
    with pytest.raises(InstrumentError) as caught:
        link.collect()
    check_error(caught.value)


@given(st.binary(max_size=30))
def test_any_bytes_on_the_service_link_are_words_or_an_error(reply: bytes) -> None:
    """Some noise would end the run with a traceback."""
    link = ServiceLink(ParrotPort(reply), FakeClock(), PROFILE)
    try:
        words = link.read_words(14, 2)
    except InstrumentError as error:
        check_error(error)
    else:
        assert reply.startswith(wire.encode_reply(words, PROFILE.key))


# --- the LED reader -------------------------------------------------------------------


DARK = b"999.99 999 00000"


def reader(lines: Iterable[bytes]) -> FeasaLedAnalyser:
    """Make a reader whose capture is good and whose reading is this."""
    reading = b"".join(line + b"\r\n" for line in lines)
    port = ScriptedPort(
        [
            (b"capture\r", b"OK\r\n"),
            (b"getserial\r", b"S1\r\n"),
            (b"getversion\r", b"F207\r\n"),
            (b"capture\r", b"OK\r\n"),
            (b"gethsiall\r", reading),
        ]
    )
    line = FeasaLine(
        "led_reader",
        "bench://led",
        FakeClock(),
        timeout_s=0.5,
        open_port=lambda *_, **__: port,
    )
    opened = FeasaLedAnalyser(line)
    opened.open()
    return opened


def twenty(first: bytes) -> list[bytes]:
    """Write twenty lines, all dark but the first."""
    return [first, *(b"%02d " % n + DARK for n in range(2, 21))]


@pytest.mark.parametrize("name", LED)
def test_led_line_is_refused(name: str) -> None:
    """A line that says nothing would be a dark LED."""
    with pytest.raises(InstrumentError) as caught:
        pytest.fail(f"{reader(twenty(bytes_of(LED[name]))).read_bar('module')}")
    check_error(caught.value)


@given(st.binary(max_size=24))
def test_any_led_line_is_a_colour_or_an_error(line: bytes) -> None:
    """Some line would end the run with a traceback."""
    try:
        reader(twenty(line)).read_bar("module")
    except InstrumentError as error:
        check_error(error)


@pytest.mark.parametrize("reply", [b"\x1b[2J\r\n", b"S1\x07\r\n", b"S\xe91\r\n"])
def test_identity_of_the_led_reader_is_fit_to_print(reply: bytes) -> None:
    """The record would carry an escape sequence as a serial number."""
    port = ScriptedPort([(b"capture\r", b"OK\r\n"), (b"getserial\r", reply)])
    line = FeasaLine(
        "led_reader",
        "bench://led",
        FakeClock(),
        timeout_s=0.5,
        open_port=lambda *_, **__: port,
    )
    with pytest.raises(InstrumentError) as caught:
        FeasaLedAnalyser(line).open()
    check_error(caught.value)


@pytest.mark.parametrize("end", ["+0,", '+0,"', '+0,"N', '+0,"No error', "0", '"'])
def test_queue_entry_that_was_cut_off_is_no_word_of_success(end: str) -> None:
    """A setting would be taken for done on half an answer."""
    with pytest.raises(InstrumentError) as caught:
        linked(f"1;20.0;{end}\n".encode()).apply("CURR 20", "CURR?")
    check_error(caught.value)
