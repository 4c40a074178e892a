"""The RS485 chain of the fixture: which port meets which.

Port B of one module meets port A of the next. `rs485_chain` joins the chain at all;
`rs485_head` puts the module under test at its head (it leads) instead of behind peer1
(peer1 leads). `rs485_port_a` joins peer2 to port A of the module in addition.
"""

from __future__ import annotations

from instruments.sim.circuit import FixtureState

Link = tuple[str, str]

HEAD: tuple[Link, ...] = (("module", "peer1"), ("peer1", "peer2"))
BEHIND: tuple[Link, ...] = (("peer1", "module"), ("module", "peer2"))
BACK: tuple[Link, ...] = (("peer2", "module"),)


def neighbours(fixture: FixtureState, name: str, port: str) -> list[tuple[str, str]]:
    """List who hears a message sent on a port, as (module, port)."""
    if not fixture.rs485_chain:
        return []
    links = HEAD if fixture.rs485_head else BEHIND
    if fixture.rs485_port_a:
        links += BACK
    found = []
    for upper, lower in links:
        if port == "b" and name == upper:
            found.append((lower, "a"))
        elif port == "a" and name == lower:
            found.append((upper, "b"))
    return found
