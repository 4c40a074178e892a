"""Open one VISA session on a message-based resource, or say why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyvisa.resources import MessageBasedResource

from instruments.errors import NotConnected

if TYPE_CHECKING:
    from pyvisa import ResourceManager

TERMINATION = "\n"


def connect(
    manager: ResourceManager, role: str, address: str, timeout_ms: int
) -> MessageBasedResource:
    """Open a session; the caller closes it.

    Raises:
        NotConnected: nothing there, or nothing that takes messages.
    """
    try:
        resource = manager.open_resource(
            address,
            open_timeout=timeout_ms,
            read_termination=TERMINATION,
            write_termination=TERMINATION,
            timeout=timeout_ms,
        )
    except Exception as error:  # pyvisa-py raises a bare Exception here
        raise NotConnected(
            role,
            f"cannot open {address}: {type(error).__name__}: {error}",
            "check power, cable and the resource in the bench file",
        ) from error
    if not isinstance(resource, MessageBasedResource):
        resource.close()
        raise NotConnected(
            role,
            f"{address} is no message-based resource",
            "correct the resource in the bench file",
        )
    return resource
