"""The person at the bench, and the script that stands for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TextIO

from instruments.errors import InstrumentError, NotConnected

LABEL = "@label"
"""An answer that means: read the label of the module that lies on the bench."""


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


class ScriptedOperator:
    """Answers from a table.

    Args:
        name: who is recorded as operator.
        answers: answer by question key; ``@label`` reads the module's label.
        label_source: reads that label; None where no label can be read.
    """

    role = "operator"

    def __init__(
        self,
        name: str,
        answers: Mapping[str, str],
        label_source: Callable[[], str] | None = None,
    ) -> None:
        self.name = name
        self._answers = dict(answers)
        self._label_source = label_source

    def ask(self, question: str, prompt: str) -> str:
        """Ask one question by its key and return the answer as text.

        Raises:
            InstrumentError: the table has no answer, or no label can be read.
        """
        answer = self._answers.get(question)
        if answer is None:
            raise InstrumentError(
                self.role,
                f"no answer for question {question!r}",
                "add it to [operator.answers] of the bench file",
            )
        if answer != LABEL:
            return answer
        if self._label_source is None:
            raise InstrumentError(
                self.role,
                f"question {question!r} wants the label, but none can be read here",
                "use driver = terminal on this bench",
            )
        return self._label_source()
