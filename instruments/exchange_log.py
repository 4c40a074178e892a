r"""Keep every byte that went to and came from the bench, when someone asks for it.

Links hold ``ExchangeLog | None``; None is off and costs one comparison. Lines are
text, one per direction, in the order in which the bytes went:

    12.345678 supply > 'MEAS:VOLT?\n'
    12.351002 supply < '+5.22000000E+01\n'
"""

from __future__ import annotations

from collections.abc import Callable

SENT = ">"
RECEIVED = "<"
_TEXTS_KEPT = 8192


def bench_time(t_us: int) -> str:
    """Write bench time [µs] as seconds with six decimals."""
    return f"{t_us // 1_000_000}.{t_us % 1_000_000:06d}"


class ExchangeLog:
    """Writes one line for each message; `write` takes a line with its newline.

    A disk that is full must not keep an "output off" from being sent, so a line that
    cannot be written is lost; `check_whole` says so when the run ends.
    """

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._failure: OSError | None = None

    def check_whole(self) -> None:
        """Check that every line was written.

        Raises:
            OSError: what the first line that was lost ran into.
        """
        if self._failure is not None:
            raise self._failure

    def sent(self, t_us: int, who: str, data: bytes) -> None:
        """Log bytes that went out."""
        self._line(t_us, who, SENT, data)

    def received(self, t_us: int, who: str, data: bytes) -> None:
        """Log bytes that came in; none at all means that nothing came in time."""
        self._line(t_us, who, RECEIVED, data)

    def _line(self, t_us: int, who: str, way: str, data: bytes) -> None:
        if self._failure is not None:
            return  # a log with a hole in it would be taken for a whole one
        text = repr(data)[1:]  # escapes of a bytes literal, without its b
        try:
            self._write(f"{bench_time(t_us)} {who} {way} {text}\n")
        except OSError as error:
            self._failure = error


class CanLog:
    """Writes each frame as a candump line: ``(1.234567) can0 356#64148500F100``."""

    def __init__(self, write: Callable[[str], object], channel: str = "can0") -> None:
        self._write = write
        self._channel = channel
        self._texts: dict[tuple[int, bytes, bool], str] = {}
        self._t_us, self._time = -1, ""

    def frame(
        self, t_us: int, can_id: int, data: bytes, extended: bool = False
    ) -> None:
        """Log one frame, whichever way it went."""
        frame = (can_id, data, extended)
        text = self._texts.get(frame)
        if text is None:
            text = self._text(frame)
        if t_us != self._t_us:  # six frames of one burst share their time
            self._t_us, self._time = t_us, bench_time(t_us)
        self._write(f"({self._time}{text}")

    def _text(self, frame: tuple[int, bytes, bool]) -> str:
        """Write a line from behind its time; kept, because a bus repeats itself."""
        can_id, data, extended = frame
        number = f"{can_id:08X}" if extended else f"{can_id:03X}"
        text = f") {self._channel} {number}#{data.hex().upper()}\n"
        if len(self._texts) >= _TEXTS_KEPT:
            self._texts.clear()
        self._texts[frame] = text
        return text
