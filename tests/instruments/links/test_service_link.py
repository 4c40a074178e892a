"""The service link: bounded retries, decisive reads, and nothing left in the line."""

from __future__ import annotations

import pytest

from instruments.errors import ServiceLinkError, ServicePortFailed
from instruments.exchange_log import ExchangeLog
from instruments.links.service_link import ServiceLink
from instruments.wire import weco_service as wire
from tests.instruments.exchange import FakeClock, ScriptedPort

PROFILE = wire.load_profile()
KEY = PROFILE.key
ANNOUNCE = (wire.encode_announce(KEY), wire.encode_announce_ack(KEY))
SILENT_ANNOUNCE = (wire.encode_announce(KEY), b"")


def reading(start: int, *words: int) -> tuple[bytes, bytes]:
    """Write a request and its good reply."""
    request = wire.encode_request(start, len(words), KEY)
    return request, wire.encode_reply(words, KEY)


def longer(start: int, *words: int) -> tuple[bytes, bytes]:
    """Write every other question: one word more than is wanted."""
    return reading(start, *words, 0)


def silent(start: int, count: int) -> tuple[bytes, bytes]:
    """Write a request that nobody answers."""
    return wire.encode_request(start, count, KEY), b""


def link_on(
    *script: tuple[bytes, bytes | Exception], log: ExchangeLog | None = None
) -> tuple[ServiceLink, ScriptedPort]:
    """Make a link on a scripted port."""
    port = ScriptedPort(script)
    return ServiceLink(port, FakeClock(1_000_000), PROFILE, log=log), port


def test_the_key_is_announced_once_before_the_first_read() -> None:
    """The module answers under the session key only."""
    link, port = link_on(ANNOUNCE, reading(14, 5220), longer(20, 120))
    assert link.read("pack_voltage_v") == 52.2
    assert link.read("soc_pct") == 48.0
    assert port.script == []
    assert (port.timeout, port.write_timeout) == (0.3, 0.3)


def test_current_is_positive_into_the_module() -> None:
    """The wire says negative while charging."""
    link, _ = link_on(ANNOUNCE, reading(15, 0x10000 - 4300))
    assert link.read("pack_current_a") == 43.0


def test_a_corrupt_reply_is_read_again_and_counted() -> None:
    """One disturbed frame would end a run, or go unnoticed."""
    request, reply = reading(14, 5220)
    corrupt = reply[:3] + bytes([reply[3] ^ 0xFF]) + reply[4:]
    link, port = link_on(ANNOUNCE, (request, corrupt), (request, reply))
    assert link.read("pack_voltage_v") == 52.2
    assert (link.retries, link.bad_frames, link.timeouts) == (1, 1, 0)
    assert port.resets == 3  # an empty buffer before every frame


def test_tries_are_bounded() -> None:
    """A dead module would hang the station."""
    link, port = link_on(ANNOUNCE, *[silent(14, 1)] * 3)
    with pytest.raises(ServiceLinkError, match="0 of 7 bytes"):
        link.read("pack_voltage_v")
    assert (link.retries, link.timeouts) == (2, 3)
    assert port.script == []


def test_after_a_failure_the_key_is_announced_again() -> None:
    """A module that restarted has forgotten the key."""
    link, port = link_on(ANNOUNCE, *[silent(14, 1)] * 3, ANNOUNCE, longer(14, 5220))
    with pytest.raises(ServiceLinkError):
        link.read("pack_voltage_v")
    assert link.read("pack_voltage_v") == 52.2
    assert port.script == []


def test_a_module_that_does_not_confirm_the_key_is_silent() -> None:
    """The station would read under a key nobody shares."""
    link, _ = link_on(*[SILENT_ANNOUNCE] * 4)
    with pytest.raises(ServiceLinkError):
        link.read("pack_voltage_v")
    with pytest.raises(ServiceLinkError, match="session key"):
        link.announce()


def test_an_answer_to_the_question_before_is_not_taken() -> None:
    """A port that is one answer behind would pass one register off for another."""
    (voltage_request, voltage), (soc_request, soc) = reading(14, 5220), longer(20, 120)
    link, port = link_on(
        ANNOUNCE,
        (voltage_request, voltage),
        (soc_request, voltage),
        (soc_request, soc),
    )
    assert link.read("pack_voltage_v") == 52.2
    assert link.read("soc_pct") == 48.0
    assert link.retries == 1
    assert port.script == []


def test_blocks_are_read_by_canonical_name() -> None:
    """Thirty-two single reads would take thirty-two latencies."""
    words = list(range(100, 132))
    words[16:] = [3270 + n for n in range(16)]
    link, _ = link_on(ANNOUNCE, reading(7, *words))
    values = link.read_block("main")
    assert values["cell_01_v"] == 3.27
    assert values["cell_16_v"] == 3.285
    assert link.state.read("cell_16_v", 1.0) == 3.285


def test_a_decisive_value_is_read_until_two_agree() -> None:
    """Seven checksum bits let one corrupt frame in 128 through."""
    link, port = link_on(
        ANNOUNCE,
        *(reading(75, 1), longer(75, 1)),
        *(reading(75, 1), longer(75, 2), reading(75, 2)),
        *(longer(75, 1), reading(75, 2), longer(75, 3)),
    )
    assert link.read_decisive("charge_over_current_count") == 1
    assert link.read_decisive("charge_over_current_count") == 2
    with pytest.raises(ServiceLinkError, match=r"1.*, 2.* and 3"):
        link.read_decisive("charge_over_current_count")
    assert port.script == []


def test_decisive_words_are_read_until_two_agree() -> None:
    """A corrupt word becomes a threshold that fails, or a count that misleads."""
    link, port = link_on(
        ANNOUNCE,
        *(reading(51, 7, 8), longer(51, 7, 8)),
        *(reading(51, 7, 8), longer(51, 7, 9), reading(51, 7, 8)),
        *(longer(51, 1, 8), reading(51, 2, 8), longer(51, 3, 8)),
    )
    assert link.read_words_decisive(51, 2) == (7, 8)
    assert link.read_words_decisive(51, 2) == (7, 8)
    with pytest.raises(ServiceLinkError, match="registers 51 to 52 read"):
        link.read_words_decisive(51, 2)
    assert port.script == []


def test_a_block_is_sent_at_one_sample_and_collected_at_another() -> None:
    """Waiting inside a sample widens every bracket."""
    cells = reading(14, *[5220, 0, 65, 64, 3270, 3260, 120, 86, 0, *[3265] * 16])
    link, port = link_on(ANNOUNCE, cells, cells)
    link.send("cells")
    assert link.collect()["cell_max_v"] == 3.27  # the key went first
    link.send("cells")
    assert link.collect()["cell_min_v"] == 3.26
    assert port.script == []
    with pytest.raises(ServiceLinkError, match="nothing was asked"):
        link.collect()


def test_a_silent_module_fails_when_collected_not_when_sent() -> None:
    """The sampler tolerates a missing reply, not a raising send."""
    link, _ = link_on(SILENT_ANNOUNCE, ANNOUNCE, silent(14, 25))
    link.send("cells")
    with pytest.raises(ServiceLinkError):
        link.collect()
    link.send("cells")
    with pytest.raises(ServiceLinkError, match="cells"):
        link.collect()


def test_a_late_reply_cannot_answer_another_request() -> None:
    """Two requests of the same length have replies of the same shape."""
    link, port = link_on(
        ANNOUNCE, reading(20, 120), *[silent(14, 2)] * 3, ANNOUNCE, reading(20, 120)
    )
    assert link.read("soc_pct") == 48.0
    with pytest.raises(ServiceLinkError):
        link.read("pack_voltage_v")
    port.late = [reading(14, 5220)[1]]
    assert link.read("soc_pct") == 48.0
    assert port.script == []


def test_a_line_that_never_falls_silent_is_an_error() -> None:
    """A port that babbles would hold the station for ever."""
    link, port = link_on(ANNOUNCE, *[silent(14, 1)] * 3)
    with pytest.raises(ServiceLinkError):
        link.read("pack_voltage_v")
    port.late = [b"noise"] * 100
    with pytest.raises(ServiceLinkError, match="silent"):
        link.read("soc_pct")


def test_a_block_that_nobody_collected_does_not_answer_the_next_read() -> None:
    """The reply of the abandoned request is still under way."""
    cells = reading(14, *[3265] * 25)
    link, port = link_on(ANNOUNCE, cells, longer(20, 120))
    link.announce()
    link.send("cells")
    assert link.read("soc_pct") == 48.0
    assert port.script == []


def test_unknown_names_are_not_supported_by_the_profile() -> None:
    """A typing error would look like a silent module."""
    link, _ = link_on()
    with pytest.raises(ServiceLinkError, match="no register 'alarm_word'"):
        link.read("alarm_word")
    with pytest.raises(ServiceLinkError, match="no block"):
        link.read_block("alarms")


def test_a_failing_port_is_ours() -> None:
    """Pyserial's errors are no business of a phase."""
    link, port = link_on((ANNOUNCE[0], OSError("device gone")))
    with pytest.raises(ServicePortFailed, match="device gone"):
        link.read("soc_pct")
    link.close()
    assert port.closed


def test_every_byte_is_logged() -> None:
    """A dispute about a register could not be settled."""
    lines: list[str] = []
    link, _ = link_on(ANNOUNCE, log=ExchangeLog(lines.append))
    link.announce()
    assert lines[0] == ("1.000000 service > '\\x00\\x03\\x85\\xf9\\x00\\x01'\n")
    assert lines[1].startswith("1.000000 service < '\\x01\\x03\\x03#")
