"""The operator: a terminal or a table, never an invented answer."""

from __future__ import annotations

import io

import pytest

from instruments.drivers.operator import ScriptedOperator, TerminalOperator
from instruments.errors import InstrumentError, NotConnected
from instruments.roles import Operator


def test_the_terminal_asks_and_strips() -> None:
    """A scanned label ends with a newline."""
    screen = io.StringIO()
    operator: Operator = TerminalOperator("Ada", io.StringIO(" W123 \n"), screen)
    assert operator.ask("label", "Scan the label:") == "W123"
    assert screen.getvalue() == "Scan the label: "
    assert operator.name == "Ada"


def test_a_closed_terminal_is_an_error() -> None:
    """An empty answer would be recorded as the operator's."""
    operator = TerminalOperator("Ada", io.StringIO(""), io.StringIO())
    with pytest.raises(NotConnected, match="weight"):
        operator.ask("weight", "Weight in kg:")


def test_the_terminal_asks_again_for_a_number() -> None:
    """A slip of the finger would cost the run."""
    screen = io.StringIO()
    answers = io.StringIO("abc\nnan\n53,2\n")
    operator: Operator = TerminalOperator("Ada", answers, screen)
    assert operator.ask_number("weight_kg", "Weight [kg]") == 53.2
    assert screen.getvalue().count("Weight [kg]") == 3
    assert "'abc' is no number; enter digits" in screen.getvalue()


def test_the_third_answer_that_is_no_number_is_an_error() -> None:
    """The station would ask for ever, or make a number up."""
    answers = io.StringIO("a\nb\nc\n1\n")
    operator = TerminalOperator("Ada", answers, io.StringIO())
    with pytest.raises(InstrumentError, match="weight_kg: 'c' is no number"):
        operator.ask_number("weight_kg", "Weight [kg]")


@pytest.mark.parametrize("answer", ["", "heavy", "inf", "nan", "1 2"])
def test_a_script_without_a_number_is_an_error(answer: str) -> None:
    """A bad table would be asked again and again, or pass as a weight."""
    operator = ScriptedOperator("script", {"weight_kg": answer})
    with pytest.raises(InstrumentError, match="is no number; enter digits"):
        operator.ask_number("weight_kg", "Weight [kg]")


def test_the_script_answers_by_key() -> None:
    """CI would need a person."""
    operator: Operator = ScriptedOperator("script", {"weight_kg": "53.1"})
    assert operator.ask("weight_kg", "Weight in kg:") == "53.1"
    with pytest.raises(InstrumentError, match="no answer for question 'torque'"):
        operator.ask("torque", "Torque:")


def test_the_label_is_read_from_the_module() -> None:
    """The serial of the command line would confirm itself."""
    labels = iter(["W1", "W2"])
    operator = ScriptedOperator(
        "script", {"label": "@label"}, lambda name: f"{name} {next(labels)}"
    )
    assert [operator.ask("label", ""), operator.ask("label", "")] == [
        "label W1",
        "label W2",
    ]
    with pytest.raises(InstrumentError, match="no module can be read"):
        ScriptedOperator("script", {"label": "@label"}).ask("label", "")
