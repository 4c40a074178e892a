"""A compiled firmware behind the module: what is refused, what goes in and out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.errors import BenchFileError, FirmwareFault
from instruments.sim.bms.interface import NEVER_US, BmsInitial, BmsInputs, BmsUnit
from instruments.sim.bms.shared_library import load_library, make_library_bms
from tests.firmware.build import build, needs_compiler
from tests.instruments.sim.bms.rig import Rig

pytest.importorskip("cffi")
OFF = BmsInitial(50.0)
RUNNING = BmsInitial(50.0, "running")


def inputs(**changed: object) -> BmsInputs:
    """Make the inputs of a module at rest."""
    found = BmsInputs(5_000, [3.28] * 16, 52.48, 0.0, 0.0, [10_000.0] * 4)
    for name, value in changed.items():
        setattr(found, name, value)
    return found


@pytest.fixture
def odd(tmp_path: Path) -> Callable[..., BmsUnit]:
    """Make a function that builds the odd firmware and begins it."""

    def make(number: int, *defines: str) -> BmsUnit:
        to = tmp_path / f"odd_{number}.so"
        library = build("odd_bms.c", to, f"ODD={number}", *defines)
        return make_library_bms(library, "module", OFF)

    return make


def test_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    """A user would see the loader's traceback."""
    file = tmp_path / "firmware.so"
    file.write_text("not a library")
    with pytest.raises(BenchFileError, match=r"firmware.so: library: cannot be loaded"):
        load_library(file)


def test_library_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A mistyped path would be taken for a library of the system."""
    with pytest.raises(BenchFileError, match="cannot be loaded"):
        load_library(tmp_path / "libm.so.6")


@needs_compiler
def test_library_without_a_function_is_refused(tmp_path: Path) -> None:
    """The station would fall over at the first step."""
    library = build("empty.c", tmp_path / "empty.so")
    with pytest.raises(BenchFileError, match="bms_abi: is missing"):
        load_library(library)


@needs_compiler
def test_library_for_another_version_is_refused(odd: Callable[..., BmsUnit]) -> None:
    """Structures of another shape would be read as numbers."""
    with pytest.raises(BenchFileError, match="built for version 2; this station has"):
        odd(0, "VERSION=2")


@needs_compiler
def test_library_that_refuses_to_begin_is_refused(odd: Callable[..., BmsUnit]) -> None:
    """A null pointer would be stepped."""
    with pytest.raises(BenchFileError, match="bms_new: refuses to begin for module"):
        odd(1)


@needs_compiler
@pytest.mark.parametrize(
    ("number", "why"),
    [
        (2, "bms_step returned 7"),
        (3, "next_wake_us 5000 is not later"),
        (4, "contactor is 3; at most 2"),
        (5, "leds is 5; at most 4"),
        (6, "can_frames is 17; at most 16"),
        (7, "CAN frame with id 0x1 and 9 bytes"),
        (8, "serial_bytes is 513; at most 512"),
        (9, "chain message longer than its field"),
        (10, "overwrote version or size"),
        (11, "wrote behind its output structure"),
        (12, "CAN frame with id 0x20000000"),
        (13, "button_led is 9; at most 4"),
        (14, "dry_out is 2; at most 1"),
    ],
)
def test_nonsense_is_found_and_stays(
    number: int, why: str, odd: Callable[..., BmsUnit]
) -> None:
    """A firmware that drives nonsense would be simulated as if it were a module."""
    bms = odd(number)
    with pytest.raises(FirmwareFault, match=why) as first:
        bms.step(inputs())
    assert f"firmware odd_{number}.so: " in str(first.value)
    assert "\n" not in str(first.value)
    with pytest.raises(FirmwareFault) as again:
        bms.step(inputs(now_us=6_000))
    assert again.value is first.value


@needs_compiler
def test_everything_goes_in_and_comes_out(odd: Callable[..., BmsUnit]) -> None:
    """A firmware would see other values than the module's sensors report."""
    bms = odd(0)
    out = bms.step(
        inputs(
            cell_v=[3.28] * 15 + [3.3],
            terminal_v=31.5,
            current_a=-43.21,
            pack_v=32.5,
            ntc_ohm=[0.0, 1.0, 4_700.4, float("inf")],
            button_pressed=True,
            dip=5,
            di=(False, True),
            contactor_closed=True,
            rs485_a=(b"one", b"another"),
            rs485_b=(b"",),
            serial_rx=b"\x01\x03\x00",
        )
    )
    assert out.next_wake_us == 6_000
    assert out.contactor == "close"
    assert out.leds == ("red", "off", "off", "off", "blue")
    assert out.button_led == "green"
    assert out.do == (False, True)
    assert [k for k, on in enumerate(out.bleed) if on] == [0, 2, 15]
    assert out.rs485_b == (b"one", b"another")
    assert out.rs485_a == (b"",)
    assert out.serial_tx == b"\x01\x03\x00"
    numbers, ohms = (data for _, data in out.can_tx)
    assert numbers == b"".join(
        n.to_bytes(2, "little", signed=True) for n in (3300, 32500, 31500, -4321)
    )
    assert ohms == (4700).to_bytes(4, "little") + b"\xff" * 4
    frame = (0x305, b"\0\1\2")
    assert bms.step(inputs(now_us=6_000, can_rx=(frame,))).can_tx == (frame,)


@needs_compiler
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"can_rx": ((1, b""),) * 17}, "17 CAN frames came at once"),
        ({"serial_rx": bytes(513)}, "513 serial bytes came at once"),
        ({"rs485_a": (b"",) * 17}, "17 chain messages came at once"),
        ({"rs485_b": (bytes(63),)}, "63 bytes of a message came at once"),
    ],
)
def test_more_than_fits_is_said(
    changed: dict[str, object], why: str, odd: Callable[..., BmsUnit]
) -> None:
    """A message would be lost in silence."""
    with pytest.raises(FirmwareFault, match=why):
        odd(0).step(inputs(**changed))


@needs_compiler
def test_instances_share_nothing(odd: Callable[..., BmsUnit]) -> None:
    """Two modules on one bench would count each other's steps."""
    first, second = odd(0), odd(0)
    first.step(inputs())
    assert first.step(inputs(now_us=6_000)).can_tx[0][0] == 2
    assert second.step(inputs()).can_tx[0][0] == 1


@pytest.fixture
def small(tmp_path: Path) -> Callable[[BmsInitial], BmsUnit]:
    """Make a function that begins the small BMS."""
    library = build("small_bms.c", tmp_path / "small_bms.so")
    return lambda initial: make_library_bms(library, "module", initial)


@needs_compiler
def test_small_bms_says_what_the_model_says(
    small: Callable[[BmsInitial], BmsUnit],
) -> None:
    """The contract could not carry what a BMS has to say."""
    model, other = Rig(RUNNING), Rig(RUNNING, bms=small(RUNNING))
    for rig in (model, other):
        rig.cell_v[4] = 3.301
        rig.current_a = -12.34
        rig.ntc_ohm[1] = 8_300.0
        rig.run(20.5)
    assert other.can == model.can
    assert other.out.leds == model.out.leds
    for start, count in ((7, 32), (51, 29), (203, 7)):
        assert other.read(start, count) == model.read(start, count)


@needs_compiler
def test_small_bms_starts_and_sleeps(small: Callable[[BmsInitial], BmsUnit]) -> None:
    """The simulation would step a sleeping firmware for nothing."""
    rig = Rig(OFF, bms=small(OFF))
    assert rig.out.next_wake_us == NEVER_US
    rig.start()
    assert rig.commands[0][1] == "close"
    rig.press(5.0)
    assert rig.out.next_wake_us == NEVER_US
    assert rig.out.leds == ("off",) * 5
    assert rig.commands[-1][1] == "open"
