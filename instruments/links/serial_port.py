"""What the station uses of a pyserial port."""

from __future__ import annotations

from typing import Protocol


class SerialPort(Protocol):
    """A pyserial port or anything that ``serial_for_url`` returns."""

    timeout: float | None
    write_timeout: float | None

    @property
    def in_waiting(self) -> int:
        """Count the bytes that can be read without waiting."""
        ...

    def read(self, size: int = 1, /) -> bytes:
        """Read up to `size` bytes; fewer when the port's time-out [s] has passed."""
        ...

    def write(self, data: bytes, /) -> int | None:
        """Write bytes."""
        ...

    def reset_input_buffer(self) -> None:
        """Discard what has arrived."""
        ...

    def close(self) -> None:
        """Close the port."""
        ...
