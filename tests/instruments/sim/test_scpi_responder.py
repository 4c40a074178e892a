"""The engine of the simulated SCPI instruments."""

from __future__ import annotations

import pytest

from instruments.sim.scpi_parameters import Params, channel_list, number
from instruments.sim.scpi_responder import Command, ScpiResponder, expand_header


class Box(ScpiResponder):
    """A little instrument with a setting, two measurements and a channel list."""

    def __init__(self) -> None:
        self.volt = 1.0
        self.channels: tuple[int, ...] = ()
        super().__init__(
            "Maker,Box,1,2",
            (
                Command(
                    "[SOURce:]VOLTage[:LEVel]",
                    self._write_volt,
                    lambda _: f"{self.volt}",
                ),
                Command("MEASure:VOLTage[:DC]", query=lambda _: "12.5"),
                Command("MEASure:CURRent[:DC]", query=lambda _: "-3"),
                Command("ROUTe:SCAN", self._write_scan),
            ),
            queue_entries=3,
        )

    def _write_volt(self, params: Params) -> None:
        self.volt = number(params, 0.0, 60.0)

    def _write_scan(self, params: Params) -> None:
        self.channels = channel_list(params)

    def reset(self) -> None:
        """Set the default."""
        self.volt = 0.0

    def ask(self, text: str) -> str | None:
        """Execute text and return text."""
        reply = self.execute(text.encode() + b"\n")
        return None if reply is None else reply.decode()


@pytest.fixture
def box() -> Box:
    """Make a box with an empty error queue."""
    made = Box()
    made.ask("*CLS")
    return made


@pytest.mark.parametrize(
    "header", ["VOLT", "volt", "VOLTage", ":SOUR:VOLT:LEV", "SOURCE:VOLT", "Volt:Level"]
)
def test_short_and_long_forms_are_accepted(box: Box, header: str) -> None:
    """A driver that spells a header in the other legal form would be refused."""
    box.ask(f"{header} 7")
    assert box.volt == 7.0
    assert box.ask("SYST:ERR?") == '+0,"No error"\n'


@pytest.mark.parametrize("header", ["VOLTA", "VOL", "SOURC:VOLT", "VOLT:LEVE", "LEV"])
def test_nothing_between_short_and_long_is_accepted(box: Box, header: str) -> None:
    """A misspelt mnemonic would pass here and fail on the real instrument."""
    box.ask(f"{header} 7")
    assert box.volt == 1.0
    assert str(box.ask("SYST:ERR?")).startswith('-113,"Undefined header')


def test_compound_answers_in_one_line(box: Box) -> None:
    """A compound query would be answered in pieces and shift the next reply."""
    assert box.ask("MEAS:VOLT?;:MEAS:CURR?;*OPC?") == "12.5;-3;1\n"


def test_a_unit_without_colon_inherits_the_path(box: Box) -> None:
    """Path inheritance would hide or invent a missing colon in a driver."""
    assert box.ask("MEAS:VOLT?;CURR?") == "12.5;-3\n"
    assert box.ask("MEAS:VOLT?;*OPC?;CURR?") == "12.5;1;-3\n"


def test_inherited_path_hides_the_root(box: Box) -> None:
    """A forgotten colon would be forgiven: VOLT after MEAS:VOLT? is MEAS:VOLT."""
    assert box.ask("MEAS:VOLT?;VOLT 5") == "12.5\n"
    assert box.volt == 1.0
    assert str(box.ask("SYST:ERR?")).startswith("-113")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NOSUCH 1", "-113"),
        ("VOLT 61", "-222"),
        ("VOLT", "-109"),
        ("VOLT 1,2", "-108"),
        ("VOLT x", "-104"),
        ("VOLT NAN", "-104"),
        ("ROUT:SCAN 101", "-102"),
    ],
)
def test_refusals_have_their_code(box: Box, text: str, code: str) -> None:
    """A refusal would carry a code that no maker sends."""
    box.ask(text)
    assert str(box.ask("SYST:ERR?")).split(",")[0] == code
    assert box.volt == 1.0


def test_the_rest_of_a_message_survives_an_error(box: Box) -> None:
    """A refused setting would look like a time-out instead of a queue entry."""
    assert box.ask("VOLT 99;*OPC?") == "1\n"
    assert box.ask("SYST:ERR:COUN?") == "1\n"


def test_a_full_queue_ends_in_overflow(box: Box) -> None:
    """An overflowing error queue would lose entries without a trace."""
    for _ in range(5):
        box.ask("VOLT 99")
    codes = [str(box.ask("SYST:ERR?")).split(",")[0] for _ in range(4)]
    assert codes == ["-222", "-222", "-350", "+0"]


def test_event_and_status_registers(box: Box) -> None:
    """*ESR? would not tell command errors from execution errors, or not clear."""
    box.ask("NOSUCH")
    box.ask("VOLT 99")
    box.ask("*OPC")
    assert box.ask("*STB?") == "4\n"
    assert box.ask("*ESR?") == "49\n"
    assert box.ask("*ESR?") == "0\n"
    box.ask("*CLS")
    assert box.ask("*STB?") == "0\n"


def test_power_on_shows_once() -> None:
    """A restarted instrument could not be told from one that kept its settings."""
    fresh = Box()
    assert fresh.ask("*ESR?;*ESR?") == "128;0\n"


def test_reset_and_identity(box: Box) -> None:
    """*RST would not reach the instrument, or *IDN? would not name it."""
    box.ask("*RST")
    assert box.volt == 0.0
    assert box.ask("*idn?") == "Maker,Box,1,2\n"


def test_channel_lists_keep_their_commas(box: Box) -> None:
    """A channel list would be cut at its own commas."""
    box.ask("ROUT:SCAN (@101,103:105, 107)")
    assert box.channels == (101, 103, 104, 105, 107)


def test_one_text_is_parsed_once(box: Box) -> None:
    """The cache would answer with an old value instead of executing again."""
    assert box.ask("VOLT?") == "1.0\n"
    box.volt = 2.0
    assert box.ask("VOLT?") == "2.0\n"


def test_forgotten_commands_are_undefined(box: Box) -> None:
    """A firmware without a command would still obey it."""
    box.ask("VOLT?")
    box.forget("[SOURce:]VOLTage[:LEVel]")
    assert box.ask("VOLT?") is None
    assert str(box.ask("SYST:ERR?")).startswith("-113")


def test_optional_nodes_expand() -> None:
    """An optional node would be demanded, or dropped where it is not optional."""
    assert sorted(expand_header("[A:]B[:C]")) == [
        ("A", "B"),
        ("A", "B", "C"),
        ("B",),
        ("B", "C"),
    ]
