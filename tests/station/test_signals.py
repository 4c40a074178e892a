"""Signals: one request, however often they come, and the handlers come back."""

from __future__ import annotations

import signal

import pytest

from instruments.clock import StopSwitch
from station.signals import SIGNALS, StopSignals


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
