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
