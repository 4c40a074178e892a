"""The one error of the wire formats; the links turn it into a bench error."""

from __future__ import annotations


class FrameError(ValueError):
    """A value that cannot be put on the wire, or bytes that are not a valid frame."""
