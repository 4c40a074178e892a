"""The simulated bench behind pyvisa: a backend whose time-outs cost bench time only.

pyvisa keeps one library object per (class, path), so every bench takes a path of its
own; state lives in `_init`, and `attach` gives the object its bench afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from pyvisa import constants, highlevel, rname
from pyvisa.constants import (
    EventAttribute,
    EventMechanism,
    EventType,
    ResourceAttribute,
    StatusCode,
)
from pyvisa.typing import VISAEventContext, VISARMSession, VISASession
from pyvisa.util import LibraryPath

from instruments.sim.simulated_device import LinkDropped, SimulatedDevice
from instruments.sim.world import World

_MANAGER = VISARMSession(1)
_OK = StatusCode.success
_MORE = StatusCode.success_max_count_read
_NO_WARNING = nullcontext()


class VisaSession:
    """One open connection: its device, its input buffer and its attributes."""

    __slots__ = ("attributes", "device", "inbox", "late", "timeout_us")

    def __init__(self, device: SimulatedDevice, name: str) -> None:
        self.device = device
        self.inbox: list[bytes] = []
        self.late = False
        self.timeout_us = 2_000_000
        self.attributes: dict[int, Any] = {
            ResourceAttribute.resource_name: name,
            ResourceAttribute.timeout_value: 2000,
            ResourceAttribute.termchar: 10,
            ResourceAttribute.termchar_enabled: 0,
            ResourceAttribute.send_end_enabled: 1,
            ResourceAttribute.interface_type: constants.InterfaceType.tcpip,
            ResourceAttribute.resource_manufacturer_name: "simulated bench",
        }


def normalise(resource: str) -> str:
    """Write a VISA resource name the way pyvisa hands it to `open`."""
    return str(rname.ResourceName.from_string(resource))


class SimulatedVisaLibrary(highlevel.VisaLibraryBase):
    """A VISA library whose instruments are simulated devices."""

    _sessions: dict[int, VisaSession]
    _devices: dict[str, SimulatedDevice]
    _world: World

    @staticmethod
    def get_library_paths() -> tuple[LibraryPath, ...]:
        """Name the library; there is no file behind it."""
        return (LibraryPath("simulated-bench"),)

    def _init(self) -> None:
        self._sessions = {}
        self._devices = {}
        self._next_session: int = _MANAGER

    def attach(self, world: World, devices: Mapping[str, SimulatedDevice]) -> None:
        """Give the library its bench: bench time, and devices by resource name."""
        self._world = world
        self._devices = {normalise(name): device for name, device in devices.items()}

    def detach(self) -> None:
        """Forget the bench, so that nothing of it is kept alive by pyvisa's cache."""
        self._sessions.clear()
        self._devices.clear()
        self._registry.pop((type(self), self.library_path), None)

    # -- sessions ------------------------------------------------------------

    def open_default_resource_manager(self) -> tuple[VISARMSession, StatusCode]:
        """Open the resource manager's own session."""
        return _MANAGER, self.handle_return_value(None, _OK)

    def open(
        self,
        session: VISARMSession,
        resource_name: str,
        access_mode: constants.AccessModes = constants.AccessModes.no_lock,
        open_timeout: int | None = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[VISASession, StatusCode]:
        """Open a session to one device.

        Raises:
            VisaIOError: nothing answers at this address.
        """
        device = self._devices.get(resource_name)
        if device is None or not device.present():
            self.handle_return_value(session, StatusCode.error_resource_not_found)
            raise AssertionError  # unreachable: an error status raises above
        self._next_session += 1
        opened = VISASession(self._next_session)
        self._sessions[opened] = VisaSession(device, resource_name)
        return opened, self.handle_return_value(opened, _OK)

    def close(
        self, session: VISASession | VISARMSession | VISAEventContext
    ) -> StatusCode:
        """Close a session, or all with the resource manager's own."""
        if session == _MANAGER:
            self._sessions.clear()
        else:
            self._sessions.pop(session, None)
        return self.handle_return_value(None, _OK)

    def list_resources(
        self, session: VISARMSession, query: str = "?*::INSTR"
    ) -> tuple[str, ...]:
        """List the devices that answer; costs nothing here, and is never needed."""
        names = sorted(name for name, dev in self._devices.items() if dev.present())
        return tuple(rname.filter(names, query))

    def _session(
        self, session: VISASession | VISAEventContext | VISARMSession
    ) -> VisaSession:
        found = self._sessions.get(session)
        if found is None:
            self.handle_return_value(session, StatusCode.error_invalid_object)
            raise AssertionError  # unreachable: an error status raises above
        return found

    # -- traffic -------------------------------------------------------------

    def write(self, session: VISASession, data: bytes) -> tuple[int, StatusCode]:
        """Send one message: latency passes, then the device executes it."""
        found = self._sessions.get(session) or self._session(session)
        world, inbox = self._world, found.inbox
        sent_us, waiting = world.t_us, len(inbox)
        try:
            found.device.exchange(data, inbox)
        except LinkDropped:
            self.handle_return_value(session, StatusCode.error_connection_lost)
        if world.t_us - sent_us > found.timeout_us:
            found.late = len(inbox) > waiting
        return len(data), _OK

    def read(self, session: VISASession, count: int) -> tuple[bytes, StatusCode]:
        """Read what the device has sent; an empty buffer costs the time-out.

        Raises:
            VisaIOError: nothing came in time. What comes later stays in the buffer
                and answers the next read, as on a real link.
        """
        found = self._sessions.get(session) or self._session(session)
        inbox = found.inbox
        if found.late or not inbox:
            self._await(session, found)
        data = inbox[0]
        if len(data) > count:
            inbox[0] = data[count:]
            return data[:count], _MORE
        del inbox[0]
        return data, _OK

    def _await(self, session: VISASession, found: VisaSession) -> None:
        """Let the time-out pass unless an answer took longer than that already."""
        if not found.late:
            self._world.spend_exchange_us(found.timeout_us)
        if found.late or not found.inbox:
            found.late = False
            self.handle_return_value(session, StatusCode.error_timeout)

    def clear(self, session: VISASession) -> StatusCode:
        """Clear a device's output and our input buffer."""
        self._session(session).inbox.clear()
        return self.handle_return_value(session, _OK)

    def ignore_warning(  # type: ignore[override]  # any context manager will do
        self, session: VISASession | VISARMSession, *warnings_constants: StatusCode
    ) -> nullcontext[None]:
        """Do nothing: traffic here never warns, and pyvisa asks at every read."""
        return _NO_WARNING

    # -- attributes and events -------------------------------------------------

    def get_attribute(
        self,
        session: VISASession | VISAEventContext | VISARMSession,
        attribute: ResourceAttribute | EventAttribute,
    ) -> tuple[Any, StatusCode]:
        """Read one attribute of a session."""
        known = self._session(session).attributes
        if attribute not in known:
            self.handle_return_value(session, StatusCode.error_nonsupported_attribute)
        return known[attribute], _OK

    def set_attribute(
        self,
        session: VISASession,
        attribute: ResourceAttribute,
        attribute_state: Any,  # noqa: ANN401  pyvisa's own signature
    ) -> StatusCode:
        """Set one attribute of a session; the time-out [ms] is the one that matters."""
        found = self._session(session)
        found.attributes[attribute] = attribute_state
        if attribute == ResourceAttribute.timeout_value:
            found.timeout_us = int(attribute_state) * 1000
        return self.handle_return_value(session, _OK)

    def disable_event(
        self, session: VISASession, event_type: EventType, mechanism: EventMechanism
    ) -> StatusCode:
        """Accept: there are no events, but every close asks."""
        return _OK

    def discard_events(
        self, session: VISASession, event_type: EventType, mechanism: EventMechanism
    ) -> StatusCode:
        """Accept: there are no events, but every close asks."""
        return _OK
