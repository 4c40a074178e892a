"""Turn SIGINT, SIGTERM and SIGHUP into one request that the clock honours.

A handler only sets a flag: the clock raises StopRequested at its next safe point,
the sequence ends in make_safe, and a second signal changes nothing
(`seams.md` 2; OpenHTF's own asynchronous abort can leave a bench half switched).
OpenHTF replaces the SIGINT handler when it is imported, so `install` is called
again after that import.
"""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from instruments.clock import StopSwitch

SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # SIGHUP is unknown on Windows
)


class StopSignals:
    """Catch the signals that end a run, from its start to its last line."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._switch: StopSwitch | None = None
        self._before: dict[int, Any] = {}

    def install(self) -> None:
        """Set the handlers; what stood there at first is what comes back at last."""
        for number in SIGNALS:
            previous = signal.signal(number, self._handle)
            self._before.setdefault(number, previous)
            outer = getattr(previous, "__self__", None)
            if isinstance(outer, StopSignals) and self.reason is None:
                self.reason = outer.reason

    def attach(self, switch: StopSwitch) -> None:
        """Pass requests on to the clock's switch, also one that came before it."""
        self._switch = switch
        if self.reason is not None:
            switch.request(self.reason)

    def restore(self) -> None:
        """Put the handlers back that stood there before the first `install`."""
        for number, previous in self._before.items():
            signal.signal(number, previous)
        self._before.clear()

    def ignore(self) -> None:
        """Ignore the signals for what is left of this process.

        While the interpreter shuts down it puts the system's own handlers back, and a
        second Ctrl-C would then replace the exit code of a run that ended in order.
        """
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._before.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.reason is None:
            self.reason = signal.Signals(number).name
        if self._switch is not None:
            self._switch.request(self.reason)

    def __enter__(self) -> StopSignals:
        self.install()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.restore()
