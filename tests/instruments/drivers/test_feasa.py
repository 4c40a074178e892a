"""The LED reader: capture before reading, colours as data, nothing guessed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from instruments.drivers.feasa import FeasaLedAnalyser
from instruments.drivers.feasa_colours import load_colours
from instruments.drivers.feasa_line import FeasaLine
from instruments.errors import BadReply, NotConnected, OutOfRange, ReplyTimeout
from instruments.exchange_log import ExchangeLog
from instruments.roles import Identity, LedBar, LedReader
from tests.instruments.exchange import FakeClock, ScriptedPort

CAPTURE = (b"capture\r", b"OK\r\n")
OPENING = [
    CAPTURE,
    (b"getserial\r", b"S1\r\n"),
    (b"getversion\r", b"F207\r\n"),
]
DARK = "999.99 999 00000"
GREEN = "120.00 090 20000"
BLUE = "230.50 090 20000"
RED = "359.90 090 20000"


def readings(lit: Mapping[int, str]) -> bytes:
    """Write what gethsiall answers when some fibres see light."""
    lines = [f"{n:02d} {lit.get(n, DARK)}\r\n" for n in range(1, 21)]
    return "".join(lines).encode("latin-1")


def reader_on(
    *script: tuple[bytes, bytes | Exception], log: ExchangeLog | None = None
) -> tuple[FeasaLedAnalyser, ScriptedPort]:
    """Make an opened reader that follows the script."""
    port = ScriptedPort([*OPENING, *script])

    def open_port(url: str, **options: object) -> ScriptedPort:
        assert url == "bench://led"
        port.timeout = 0.5
        return port

    line = FeasaLine(
        "led_reader",
        "bench://led",
        FakeClock(),
        timeout_s=0.5,
        log=log,
        open_port=open_port,
    )
    reader = FeasaLedAnalyser(line)
    assert reader.open() == Identity("Feasa", "LED analyser", "S1", "F207")
    return reader, port


def test_a_bar_is_captured_and_then_read() -> None:
    """Without a capture the data are those of the last bar state."""
    reader, port = reader_on(
        CAPTURE, (b"gethsiall\r", readings({1: GREEN, 2: GREEN, 6: BLUE, 7: RED}))
    )
    role: LedReader = reader
    assert role.read_bar("module") == LedBar(
        ("green", "green", "off", "off", "off"), "blue"
    )
    assert port.script == []


def test_each_bar_has_its_own_fibres() -> None:
    """A peer's light would be taken for the module's."""
    answer = (b"gethsiall\r", readings({7: RED, 12: GREEN, 13: BLUE}))
    reader, _ = reader_on(CAPTURE, answer, CAPTURE, answer)
    assert reader.read_bar("peer1").leds[0] == "red"
    assert reader.read_bar("peer2") == LedBar(("blue", *("off",) * 4), "off")
    with pytest.raises(OutOfRange, match="peer9"):
        reader.read_bar("peer9")


@pytest.mark.parametrize(
    "reading",
    [
        "XXX.XX XXX XXXXX",
        "120.00 090 99999",
        "120.00 005 20000",
        "180.00 090 20000",
        "120.00 090",
        "120.00 090 20000\xb0",
    ],
)
def test_what_is_no_known_colour_is_refused(reading: str) -> None:
    """A dimmed, saturated, white or odd LED would become off or some colour."""
    reader, port = reader_on(CAPTURE, (b"gethsiall\r", readings({3: reading})))
    with pytest.raises(BadReply):
        reader.read_bar("module")
    assert port.closed


def test_lines_out_of_order_are_refused() -> None:
    """One lost line would shift every LED by one."""
    lines = readings({1: GREEN}).splitlines(keepends=True)
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    reader, _ = reader_on(CAPTURE, (b"gethsiall\r", swapped))
    with pytest.raises(BadReply):
        reader.read_bar("module")


def test_a_capture_that_is_not_confirmed_is_refused() -> None:
    """Old data would be read."""
    reader, _ = reader_on((b"capture\r", b"Syntax Error\r\n"))
    with pytest.raises(BadReply, match="OK"):
        reader.read_bar("module")


def test_silence_closes_the_line() -> None:
    """The late answer would answer the next command."""
    reader, port = reader_on(CAPTURE, (b"gethsiall\r", readings({})[:100]))
    with pytest.raises(ReplyTimeout, match="of 20 lines"):
        reader.read_bar("module")
    assert port.closed
    with pytest.raises(NotConnected, match="reopen"):
        reader.read_bar("module")


def test_a_failing_port_is_not_connected() -> None:
    """Pyserial's errors are no business of a phase."""
    reader, _ = reader_on((b"capture\r", OSError("device gone")))
    with pytest.raises(NotConnected, match="device gone"):
        reader.read_bar("module")


def test_a_port_that_cannot_be_opened_is_not_connected() -> None:
    """A typing error in the bench file would be a traceback."""
    line = FeasaLine("led_reader", "nothing://x", FakeClock(), timeout_s=0.1)
    with pytest.raises(NotConnected, match="nothing://x"):
        line.open()


def test_every_byte_is_logged() -> None:
    """A dispute about a colour could not be settled."""
    lines: list[str] = []
    reader_on(log=ExchangeLog(lines.append))
    assert lines[:2] == [
        "0.000000 led_reader > 'capture\\r'\n",
        "0.000000 led_reader < 'OK\\r\\n'\n",
    ]


def test_hue_bands_do_not_overlap() -> None:
    """The order of a file would decide a colour."""
    table = load_colours()
    for degree in range(360):
        bands = [b for b in table.hue if b.low_deg <= degree < b.high_deg]
        assert len(bands) <= 1
