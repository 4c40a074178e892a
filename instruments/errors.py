"""What can go wrong between the station and the bench.

InstrumentError                 a bench part did not do what was asked; names the part
├── NotConnected                nothing answers at the configured address
├── WrongInstrument             something else answers there
├── ReplyTimeout                no answer within the exchange time-out
├── BadReply                    an answer of another shape; the raw text is kept
├── InstrumentRefused           the instrument's own error queue, code and text
├── SetpointMismatch            the value read back is not the value asked for
├── OutOfRange                  asked for more than the instrument is rated for
├── StaleReading                the last reading is older than its use allows
├── ServiceLinkError            no valid answer from the module's service port
├── ServicePortFailed           the adapter of the service port failed, not the module
├── CanLinkError                the CAN adapter failed
├── NotProtected                an energy source without watchdog, dead-man or limits
├── PreconditionNotMet          the module is not in the state the step needs
├── CeilingExceeded             a voltage, current or temperature above the ceiling
├── SafetyChainOpen             e-stop, door or inhibit
└── BenchNotDead                make_safe could not prove the bench dead
BenchFileError                  a bench, state or defect file that cannot be used
StopRequested                   a signal asked the run to end
"""

from __future__ import annotations

_LONGEST_KEY = 80


class InstrumentError(Exception):
    """A bench part did not do what was asked.

    Args:
        who: the role or resource, for instance ``supply``.
        what: what happened, with the raw exchange where there is one.
        do: what the technician does next.
    """

    def __init__(self, who: str, what: str, do: str) -> None:
        super().__init__(who, what, do)
        self.who = who
        self.what = what
        self.do = do

    def __str__(self) -> str:
        return f"{self.who}: {self.what}; {self.do}"


class NotConnected(InstrumentError, ConnectionError):
    """Nothing answers at the configured address."""


class WrongInstrument(InstrumentError):
    """Another model answers than the bench file names."""


class ReplyTimeout(InstrumentError, TimeoutError):
    """No answer within the exchange time-out; the session is closed."""


class BadReply(InstrumentError, ValueError):
    """The answer does not have the shape that was expected."""


class InstrumentRefused(InstrumentError):
    """The instrument's error queue holds an entry for this command."""


class SetpointMismatch(InstrumentError):
    """The value read back is not the value asked for."""


class OutOfRange(InstrumentError, ValueError):
    """More was asked for than the instrument is rated for."""


class StaleReading(InstrumentError):
    """The last reading is older than its use allows."""


class RepeatedReading(StaleReading):
    """A link says the same on and on while the meters have moved."""


class ServiceLinkError(InstrumentError):
    """The module's service port gave no valid answer."""


class ServicePortFailed(InstrumentError):
    """The adapter of the service port failed; that says nothing of the module."""


class CanLinkError(InstrumentError):
    """The CAN adapter failed."""


class NotProtected(InstrumentError):
    """An energy source has no watchdog and no dead-man, or no protection set."""


class PreconditionNotMet(InstrumentError):
    """The module is not in the state that the step needs."""


class CeilingExceeded(InstrumentError):
    """A measured quantity lies above the station's ceiling."""


class SafetyChainOpen(InstrumentError):
    """Emergency stop, door or inhibit input is not healthy."""


class FirmwareFault(InstrumentError):
    """A compiled BMS under test answered what no BMS can."""


class BenchNotDead(InstrumentError):
    """The bench could not be proved dead."""


class BenchFileError(ValueError):
    """A bench, state or defect file cannot be used.

    Args:
        file: the file's name as given.
        where: table and key.
        why: what is wrong and what to write instead.
    """

    def __init__(self, file: str, where: str, why: str) -> None:
        super().__init__(file, where, why)
        self.file = file
        self.where = where
        self.why = why

    def __str__(self) -> str:
        where = self.where
        shown = where if len(where) <= _LONGEST_KEY else f"{where[:_LONGEST_KEY]}..."
        return f"{self.file}: {shown}: {self.why}"


class StopRequested(Exception):
    """A signal asked the run to end; raised by the clock at a safe point."""
