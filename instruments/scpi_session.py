"""Open one VISA session on a message-based resource, or say why not."""

from __future__ import annotations

import socket
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
    _send_at_once(manager, resource)
    return resource


def _send_at_once(manager: ResourceManager, resource: MessageBasedResource) -> None:
    """Turn Nagle's algorithm off where pyvisa-py holds a socket.

    VISA's own attribute raises there, and a second message would wait some 40 ms for
    the acknowledgement of the first (instruments.md section 4, trap 9).
    """
    sessions = getattr(getattr(manager, "visalib", None), "sessions", None)
    if not isinstance(sessions, dict):
        return
    interface = getattr(sessions.get(resource.session), "interface", None)
    if isinstance(interface, socket.socket):
        interface.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
