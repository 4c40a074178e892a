"""The display: plain lines elsewhere, a live foot in a terminal, both cheap."""

from __future__ import annotations

import io

import pytest

from phases.results import Progress
from station.display import (
    LiveDisplay,
    PlainDisplay,
    choose_display,
    clock_text,
    phase_line,
    progress_line,
    values_line,
)
from tests.station.fakes import failing_phase, phase

PROGRESS = Progress("over_voltage", 3, 20, 3600.0, 4000.0, {"module_v": 58.876})


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def test_not_a_terminal_gets_plain_lines() -> None:
    """A log file would be full of control characters."""
    stream = io.StringIO()
    display = choose_display(stream)
    assert isinstance(display, PlainDisplay)
    for _ in range(1000):
        display.on_progress(PROGRESS)
    display.on_phase(failing_phase())
    display.close()
    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()
    assert line.startswith("FAIL")


def test_terminal_shows_phase_values_and_remaining_time() -> None:
    """The operator would not see what goes on."""
    stream = Terminal()
    display = choose_display(stream)
    assert isinstance(display, LiveDisplay)
    display.on_progress(PROGRESS)
    display.on_phase(phase())
    display.close()
    display.close()
    shown = stream.getvalue()
    for part in ("over_voltage", "1:00:00", "0:06:40 left", "module 58.88 V", "PASS"):
        assert part in shown


def test_lines_say_what_they_should() -> None:
    """A line would leave out its phase, its share or its values."""
    assert "90%" in progress_line(PROGRESS)
    assert "1 outside" in phase_line(failing_phase())
    assert values_line({"a_v": 1.0, "b": "cc"}) == "a 1 V  b cc"
    assert clock_text(13_000.9) == "3:36:40"
    none_expected = Progress("x", 1, 1, 5.0, 0.0, {})
    assert "0%" in progress_line(none_expected)
    late = Progress("x", 1, 1, 50.0, 40.0, {})
    assert "100%  longer than usual" in progress_line(late)


def test_running_line_keeps_its_own_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phase that failed would colour the running line red."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    display = LiveDisplay(stream)
    display.on_progress(PROGRESS)
    stream.truncate(0)
    display.on_phase(failing_phase())
    display.close()
    shown = stream.getvalue()
    assert "\x1b[31mFAIL" in shown
    assert "\x1b[1m[4/20]" in shown


def test_one_measurement_is_singular() -> None:
    """The line would say "1 measurements"."""
    assert "  1 measurement," in phase_line(failing_phase())


def test_new_phase_is_shown_at_once() -> None:
    """The foot would still name the phase before."""
    stream = Terminal()
    display = LiveDisplay(stream)
    for name in ("first", "second"):
        display.on_progress(Progress(name, 0, 2, 0.0, 10.0, {}))
    display.close()
    assert "second" in stream.getvalue()
