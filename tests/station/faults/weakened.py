"""Parts of the station with one safety rule taken out, for the campaign to catch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from instruments.bench import Bench
from instruments.errors import InstrumentError
from instruments.safe_state import SafeReport
from station.errors import NotStored
from station.results.store import Store, StoredRun


class UnwatchedSupply:
    """A supply whose watchdog is never armed, except while that is being proved."""

    def __init__(self, supply: Any) -> None:
        self._supply = supply
        self.honest = False

    def arm_watchdog(self, delay_s: int) -> None:
        if self.honest:
            self._supply.arm_watchdog(delay_s)

    def read_watchdog(self) -> tuple[bool, float]:
        return self._supply.read_watchdog() if self.honest else (True, 2.0)

    def set_output(self, on: bool) -> None:
        link = self._supply._link
        link.command("OUTP ON") if on else self._supply.set_output(False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._supply, name)


class WatchdogNotArmed(Bench):
    """Switches the supply on without its watchdog."""

    def __init__(self, parts: Any, clock: Any, config: Any, trace: Any) -> None:
        supply: Any = UnwatchedSupply(parts.supply)
        super().__init__(replace(parts, supply=supply), clock, config, trace)
        self._unwatched = supply

    def prove_watchdog(self) -> bool:
        self._unwatched.honest = True
        try:
            return super().prove_watchdog()
        finally:
            self._unwatched.honest = False


class StopsAtFirstError(Bench):
    """Ends make_safe at the first step that fails."""

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        with self.closing():
            parts = self.parts
            report = SafeReport()
            try:
                parts.supply.set_output(False)
                parts.load.set_input(False)
                parts.switchbox.set_line("fixture_contactor", False)
            except InstrumentError as error:
                report.errors.append(str(error))
                self.last_safe = report
                return report
        return super().make_safe(module_dead)


class ClearsFirst(Bench):
    """Clears the supply's protections before it switches its output off."""

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        link: Any = self.parts.supply
        with self.closing():
            link._link.send_blind("OUTP:PROT:CLE")
        return super().make_safe(module_dead)


class Patient(Bench):
    """Tries to get a hung supply back before it looks after anything else."""

    def make_safe(self, module_dead: bool = True) -> SafeReport:
        with self.closing():
            for _ in range(30):
                try:
                    self.parts.supply.reopen()
                    break
                except InstrumentError:
                    continue
        return super().make_safe(module_dead)


class Pushing(Bench):
    """Asks for a quarter more where a current did not come at the first try."""

    def set_charge_current_a(self, current_a: float) -> tuple[int, int]:
        try:
            return super().set_charge_current_a(current_a)
        except InstrumentError:
            self.parts.supply.reopen()
            supply: Any = self.parts.supply
            supply._link.command(f"CURR {1.25 * current_a:.3f}")
            self.hold(1.0)
            return self.clock.now_us(), self.clock.now_us()


class StoresLater(Store):
    """Shows the verdict whatever became of the record."""

    def begin(self, *given: Any) -> StoredRun:
        stored = super().begin(*given)
        stored.__class__ = _EndsAnyway
        return stored


class _EndsAnyway(StoredRun):
    def end(self, record: Any, *extra: Any) -> None:
        try:
            super().end(record, *extra)
        except NotStored:
            return


class ForgetsTheDead(Store):
    """Never closes the runs that a dead process left."""

    def close_dead_runs(self) -> list[str]:
        return []


class ForgetsLocks(Store):
    """Loses what goes into the last transaction beside the record."""

    def begin(self, *given: Any) -> StoredRun:
        stored = super().begin(*given)
        stored.__class__ = _EndsAlone
        return stored


class _EndsAlone(StoredRun):
    def end(self, record: Any, *extra: Any) -> None:
        super().end(record)
