"""The person at the bench, and the script that stands for one."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from typing import TextIO

from instruments.errors import InstrumentError, NotConnected

READ = "@"
"""An answer that begins so is read off the module on the bench, such as "@label"."""


_TRIES = 3
_SHOWN = 20
_DIGITS = "enter digits, for instance 53.2"


class TerminalOperator:
    """Asks at a terminal.

    Args:
        name: who works here.
        reader: where answers come from.
        writer: where questions go.
    """

    role = "operator"

    def __init__(self, name: str, reader: TextIO, writer: TextIO) -> None:
        self.name = name
        self._reader = reader
        self._writer = writer

    def ask(self, question: str, prompt: str) -> str:
        """Ask one question by its key and return the answer as text.

        Raises:
            NotConnected: the terminal was closed.
        """
        self._writer.write(f"{prompt} ")
        self._writer.flush()
        line = self._reader.readline()
        if not line:
            raise NotConnected(
                self.role,
                f"the terminal closed at question {question!r}",
                "start the run from a terminal, or use driver = scripted",
            )
        return line.strip()

    def ask_number(self, question: str, prompt: str) -> float:
        """Ask for a number, again when the answer is none, and return it.

        Raises:
            NotConnected: the terminal was closed.
            InstrumentError: three answers on end are no number.
        """
        for _ in range(_TRIES - 1):
            answer = self.ask(question, prompt)
            with contextlib.suppress(InstrumentError):
                return _number(question, answer)
            self._writer.write(f"{answer[:_SHOWN]!r} is no number; {_DIGITS}\n")
        return _number(question, self.ask(question, prompt))


class ScriptedOperator:
    """Answers from a table.

    Args:
        name: who is recorded as operator.
        answers: answer by question key; ``@label`` is read off the module.
        read: reads what is named behind the @; None where nothing can be read.
    """

    role = "operator"

    def __init__(
        self,
        name: str,
        answers: Mapping[str, str],
        read: Callable[[str], str] | None = None,
    ) -> None:
        self.name = name
        self._answers = dict(answers)
        self._read = read

    def ask(self, question: str, prompt: str) -> str:
        """Ask one question by its key and return the answer as text.

        Raises:
            InstrumentError: the table has no answer, or it cannot be read here.
        """
        answer = self._answers.get(question)
        if answer is None:
            raise InstrumentError(
                self.role,
                f"no answer for question {question!r}",
                "add it to [operator.answers] of the bench file",
            )
        if not answer.startswith(READ):
            return answer
        if self._read is None:
            raise InstrumentError(
                self.role,
                f"question {question!r} wants {answer}, but no module can be read here",
                "use driver = terminal on this bench",
            )
        return self._read(answer.removeprefix(READ))

    def ask_number(self, question: str, prompt: str) -> float:
        """Ask for a number and return it; a script gives the same answer each time.

        Raises:
            InstrumentError: as `ask`; or the answer is no number.
        """
        return _number(question, self.ask(question, prompt))


def _number(question: str, answer: str) -> float:
    """Read an answer as a finite number; a decimal comma is taken for a point.

    Raises:
        InstrumentError: it is none.
    """
    try:
        value = float(answer.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InstrumentError(
            "operator", f"{question}: {answer[:_SHOWN]!r} is no number", _DIGITS
        )
    return value
