"""Signals: one request, however often they come, and the handlers come back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from instruments.clock import StopSwitch
from station.signals import SIGNALS, StopSignals

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_requests_a_stop(number: int) -> None:
    """A signal would end the process, with the bench as it was."""
    switch = StopSwitch()
    with StopSignals() as signals:
        signals.attach(switch)
        signal.raise_signal(number)
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGTERM)
    assert switch.reason == signal.Signals(number).name
    assert signals.reason == switch.reason


def test_signal_before_the_bench_is_open_is_kept() -> None:
    """A stop during the start of the program would be forgotten."""
    switch = StopSwitch()
    with StopSignals() as signals:
        signal.raise_signal(signal.SIGTERM)
        signals.attach(switch)
    assert switch.reason == "SIGTERM"


def test_handlers_are_restored_although_replaced_meanwhile() -> None:
    """A handler that OpenHTF sets at import would outlive the run."""
    before = signal.getsignal(signal.SIGINT)
    with StopSignals() as signals:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signals.install()
        signal.raise_signal(signal.SIGINT)
    assert signals.reason == "SIGINT"
    assert signal.getsignal(signal.SIGINT) == before


def test_signal_that_came_before_the_run_is_inherited() -> None:
    """A stop while the program still loads would be forgotten."""
    with StopSignals():
        signal.raise_signal(signal.SIGHUP)
        with StopSignals() as inner:
            assert inner.reason == "SIGHUP"


def test_late_signal_does_not_change_the_exit_code() -> None:
    """The second Ctrl-C would kill the interpreter while it shuts down."""
    program = (
        "import signal; from station.signals import StopSignals\n"
        "class Late:\n"
        "    def __del__(self): signal.raise_signal(signal.SIGINT)\n"
        "late = Late()\n"
        "with StopSignals() as signals: signals.ignore()\n"
        "raise SystemExit(4)\n"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", program], check=False, capture_output=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (4, b"")
