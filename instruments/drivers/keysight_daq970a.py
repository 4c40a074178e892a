"""Keysight DAQ970A (34972A language): the multiplexed meter.

Dialect: instruments.md 1.12. The instrument scans in ascending channel order, whatever
order was asked for; it replies in base units (V, °C, ohm, A).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from instruments.drivers.meter_readings import MeterReadings
from instruments.drivers.scpi_instrument import ScpiInstrument
from instruments.errors import OutOfRange
from instruments.roles import Identity
from instruments.scpi import ScpiLink

IDN_PATTERN = r"^(Keysight|Agilent) Technologies,(DAQ97[03]A|3497[02]A),"

_REPEATS = 4  # it is read every other look
_SCALE_BY_SUFFIX = {"_mohm": 1e3, "_ma": 1e3}  # base unit to the unit of the name


class KeysightDaq970a(ScpiInstrument):
    """The scan meter role.

    Args:
        link: its session.
        channels: channel name to (channel number, what follows ``CONF:``), for
            instance ``{"case_c": (104, "TEMP RTD,85")}``.
        nplc: integration time of every channel [power line cycles].
    """

    def __init__(
        self,
        link: ScpiLink,
        *,
        channels: Mapping[str, tuple[int, str]],
        nplc: float = 1.0,
    ) -> None:
        super().__init__(link)
        self._nplc = nplc
        self._channels = dict(channels)
        self._scales = {name: _scale(name) for name in self._channels}
        self._orders: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {}
        self._scanned = ""
        self._readings = MeterReadings(link, _REPEATS)

    def measure(self, channels: Sequence[str]) -> Mapping[str, float]:
        """Measure the named channels in one scan; unit as in the channel's name.

        The scan list is sent only when it changes, in the same exchange; there the
        error queue is read, too: with the old list another channel would answer.

        Raises:
            OutOfRange: a name that the bench file does not have.
            BadReply: not one finite reading for each channel.
            InstrumentRefused: the scan list was not taken.
        """
        wanted = tuple(channels)
        order = self._orders.get(wanted)
        if order is None:
            order = self._order(wanted)
        scan, names = order
        text, same = "READ?", scan == self._scanned
        self._scanned = ""  # until the reply proves that the scan ran
        if same:
            reply = self._link.query(text)
        else:
            (reply,) = self._link.apply(f"ROUT:SCAN {scan}", text)
        found = self._readings.take(text, reply)
        if len(found) != len(names):
            self._link.bad_reply(text, reply, f"{len(names)} readings of {scan}")
        self._scanned = scan
        return {
            name: reading * self._scales[name]
            for name, reading in zip(names, found, strict=True)
        }

    def _forget(self) -> None:
        self._scanned = ""
        self._readings.forget()

    def _start(self, identity: Identity) -> None:
        """Configure the channels, one message for each function."""
        channels_of: dict[str, list[int]] = {}
        for number, function in self._channels.values():
            channels_of.setdefault(function, []).append(number)
        for function, numbers in channels_of.items():
            verb, _, arguments = function.partition(" ")
            channels = f"(@{','.join(str(number) for number in sorted(numbers))})"
            parameters = f"{arguments},{channels}" if arguments else channels
            self._link.apply(
                f"CONF:{verb} {parameters};:SENS:{verb}:NPLC {self._nplc:g},{channels}"
            )

    def _order(self, wanted: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        unknown = [name for name in wanted if name not in self._channels]
        if unknown or not wanted:
            raise OutOfRange(
                self.role,
                f"no channel {', '.join(unknown) or '(none asked for)'}",
                "add it to channels of this role in the bench file",
            )
        names = tuple(sorted(set(wanted), key=lambda name: self._channels[name][0]))
        numbers = ",".join(str(self._channels[name][0]) for name in names)
        order = (f"(@{numbers})", names)
        self._orders[wanted] = order
        return order


def _scale(name: str) -> float:
    """Find what turns the base unit into the unit that the name ends with."""
    for suffix, scale in _SCALE_BY_SUFFIX.items():
        if name.endswith(suffix):
            return scale
    return 1.0
