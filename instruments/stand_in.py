"""How a simulated instrument is told from a real one: by the serial number it gives.

A bench served on sockets looks like a real one to the bench file, not to this.
"""

from __future__ import annotations

from instruments.roles import Identity

STAND_IN_PREFIX = "SIM-"


def is_stand_in(identity: Identity) -> bool:
    """Tell whether a simulated instrument answered."""
    return identity.serial.upper().startswith(STAND_IN_PREFIX)
