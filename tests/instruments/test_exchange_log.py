"""The logs: one line for each message, readable by other tools."""

from __future__ import annotations

from instruments.exchange_log import CanLog, ExchangeLog, bench_time


def test_bench_time_has_six_decimals() -> None:
    """Lines would not sort, and microseconds would be lost."""
    assert bench_time(0) == "0.000000"
    assert bench_time(12_000_034) == "12.000034"


def test_bytes_are_written_as_escapes() -> None:
    """A CR or a binary byte would break the line."""
    lines: list[str] = []
    log = ExchangeLog(lines.append)
    log.sent(1, "supply", b"OUTP?\n")
    log.received(2, "supply", b"\xff\r\n")
    assert lines == [
        "0.000001 supply > 'OUTP?\\n'\n",
        "0.000002 supply < '\\xff\\r\\n'\n",
    ]


def test_extended_ids_have_eight_digits() -> None:
    """Candump tells extended from standard by the width."""
    lines: list[str] = []
    log = CanLog(lines.append, "can1")
    log.frame(5, 0x18FF1234, b"\x01", extended=True)
    log.frame(5, 0x35E, b"", extended=False)
    assert lines == ["(0.000005) can1 18FF1234#01\n", "(0.000005) can1 35E#\n"]
