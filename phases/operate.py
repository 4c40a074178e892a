"""Work the module as an operator would: button, LED bar, what it says on its links."""

from __future__ import annotations

from collections.abc import Callable

from instruments.bench import LIVE_V, Bench, Edge
from instruments.errors import PreconditionNotMet, StaleReading
from instruments.roles import LED_OFF, LedBar
from instruments.trace import Sample

SHORT_PRESS_S = 1.0
LONG_PRESS_S = 5.2
DEAD_V = 1.0
CAN_AGE_S = 3.5
FAULT = "system_error"
SERVICE_AGE_S = 1.0
_START_S = 15.0
_FAULT_S = 3.0
_PAGE_LOOKS = 26
_PAGE_LOOK_S = 0.5


def press(bench: Bench, duration_s: float, line: str = "button") -> None:
    """Press a button for a time [s], sampling all the while."""
    box = bench.parts.switchbox
    box.set_line(line, True)
    try:
        bench.hold(duration_s, 250_000)
    finally:
        box.set_line(line, False)


def start(bench: Bench) -> bool:
    """Press RUN for one second; return whether voltage appeared.

    Raises:
        StaleReading: it did, and CAN is silent.
    """
    press(bench, SHORT_PRESS_S)
    found = bench.wait_until(lambda s: s.module_v > LIVE_V, _START_S, 500_000)
    if found is None:
        return False
    return demand_can(bench)


def demand_can(bench: Bench) -> bool:
    """Wait until a running module speaks on CAN; return whether it still runs.

    Raises:
        StaleReading: it is silent; what is not said there is no measurement.
    """
    if wait_for_can(bench):
        return True
    if is_running(bench):
        raise StaleReading(
            "CAN", "a running module does not speak", "check the CAN cable"
        )
    return False


def wait_for_can(bench: Bench, timeout_s: float = 4.0) -> bool:
    """Wait until every value of the running module is fresh on CAN."""
    return (
        bench.wait_until(lambda _: can_is_fresh(bench), timeout_s, 250_000) is not None
    )


def can_is_fresh(bench: Bench, max_age_s: float = 1.5) -> bool:
    """Tell whether limits, pack values and flags are all younger than an age [s]."""
    state = bench.parts.can.state
    return all(
        state.age_s(name) <= max_age_s
        for name in ("charge_current_limit_a", "pack_voltage_v", "protections")
    )


def said(bench: Bench, name: str) -> float:
    """Read what the module last said on its service port, polled while energised.

    An answer of more than a second ago is asked for anew.

    Raises:
        ServiceLinkError, StaleReading: there is no answer that means anything.
    """
    service = bench.parts.service
    if service.state.age_s(name) > SERVICE_AGE_S:
        service.read_block("summary")
    return service.state.read_number(name, SERVICE_AGE_S)


def reach(
    bench: Bench, condition: Callable[[Sample], bool], timeout_s: float, what: str
) -> Edge:
    """Sample until a condition holds that has to come.

    Raises:
        PreconditionNotMet: it did not come in time; `what` says what was expected.
    """
    found = bench.wait_until(condition, timeout_s)
    if found is None:
        raise PreconditionNotMet("module", f"not reached within {timeout_s:g} s", what)
    return found


def read_charge_limit_a(bench: Bench) -> float:
    """Read the charge current limit said on CAN [A]; it is 0 until the relay closes."""
    state = bench.parts.can.state
    bench.wait_until(
        lambda _: state.read_number("charge_current_limit_a", CAN_AGE_S) > 0.0,
        4.0,
        250_000,
    )
    return state.read_number("charge_current_limit_a", CAN_AGE_S)


def shut_down(bench: Bench, line: str = "button") -> bool:
    """Press for five seconds; return whether the terminals went dead."""
    press(bench, LONG_PRESS_S, line)
    if line != "button":
        return True
    return (
        bench.wait_until(lambda s: abs(s.module_v) < DEAD_V, 10.0, 500_000) is not None
    )


def is_running(bench: Bench) -> bool:
    """Tell whether the module's contactor is closed, by the terminal meter."""
    return bench.sample().module_v > LIVE_V


def ensure_running(bench: Bench) -> None:
    """Start the module unless it runs.

    Raises:
        PreconditionNotMet: it does not start.
    """
    if is_running(bench) and demand_can(bench):
        return
    if read_bar(bench).leds != (LED_OFF,) * 5:
        shut_down(bench)
    if not start(bench):
        raise PreconditionNotMet(
            "module", "does not start on a short press", "look at its LED bar"
        )


def read_bar(bench: Bench, bar: str = "module") -> LedBar:
    """Read an LED bar now."""
    return bench.parts.led_reader.read_bar(bar)


def page_of(bar: LedBar) -> str:
    """Name the fault page that a bar shows by its red LEDs: "5", "1-2"; "" for none.

    Source: manual 4.3 (L400-401).
    """
    return "-".join(
        str(index) for index, colour in enumerate(bar.leds, start=1) if colour == "red"
    )


def read_fault_page(bench: Bench, bar: str = "module") -> str:
    """Read the fault page; SOC and fault alternate every 5 s, so look for 13 s."""
    for _ in range(_PAGE_LOOKS):
        page = page_of(read_bar(bench, bar))
        if page:
            return page
        bench.hold(_PAGE_LOOK_S, 500_000)
    return "none"


def protections(bench: Bench) -> frozenset[str]:
    """Read the protection flags that the module sends on CAN.

    Raises:
        StaleReading: the flags are too old to mean anything.
    """
    return bench.parts.can.state.read_flags("protections", CAN_AGE_S)


def says_fault(bench: Bench) -> bool:
    """Wait for the flag of a BMS fault on CAN; return whether it came in time.

    Raises:
        StaleReading: the flags are too old to mean anything.
    """
    return (
        bench.wait_until(lambda _: FAULT in protections(bench), _FAULT_S, 250_000)
        is not None
    )


def lit_blue(bar: LedBar) -> int:
    """Count the LEDs that show SOC (blue, or yellow for the lowest)."""
    return sum(1 for colour in bar.leds if colour in ("blue", "yellow"))
