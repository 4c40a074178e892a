"""Identity: what answers on both links, how often, and which release it runs.

What a module says of itself has no measurable condition; it is judged against the
release image and marked `self_reported`. Requirements: ID-02, ID-06, IF-02, IF-07,
IF-10, PR-24, PR-25, AL-07.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.errors import ServiceLinkError
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import CAN_AGE_S
from phases.plan import Plan

_LISTEN_S = 6.2
_REPLIES = 10
_COUNT_S = 2.2
_SELF = "self_reported"


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Measure both links, then compare what they say with the release image."""
    del plan
    can_speaks = _measure_can(bench, judge)
    service_answers = _measure_service(bench, judge)
    if can_speaks:
        _judge_can_statements(bench, judge)
    if service_answers:
        _judge_service_statements(bench, judge, facts)


def _measure_can(bench: Bench, judge: Judge) -> bool:
    """Judge which ids come and how often; return whether any came at all."""
    can = bench.parts.can
    can.reset_periods()
    bench.hold(_LISTEN_S, 200_000)
    periods = can.periods()
    seen = " ".join(f"0x{can_id:X}" for can_id in sorted(periods))
    judge.expect("can_ids", seen or "none", witness="CAN adapter")
    several = [period for period in periods.values() if period.count > 1]
    if not several:
        return False
    worst = max(several, key=lambda p: max(abs(p.min_s - 1.0), abs(p.max_s - 1.0)))
    judge.between(
        "can_period_s",
        worst.min_s,
        worst.max_s,
        value=worst.mean_s,
        uncertainty=0.02,
        witness="CAN time stamps",
    )
    return True


def _judge_can_statements(bench: Bench, judge: Judge) -> None:
    state = bench.parts.can.state
    for key, name, witness in (
        ("manufacturer", "maker", _SELF),
        ("module_count", "modules_online", "fixture: one module on the bench"),
    ):
        said = state.snapshot().get(name)
        if isinstance(said, float):
            said = round(said)
        if said is None or isinstance(said, frozenset):
            judge.expect(key, None, witness="CAN adapter", note="never received")
        else:
            judge.expect(key, said, witness=witness)
    for key in ("charge_voltage_limit_v", "discharge_voltage_limit_v", "soh_pct"):
        judge.value(key, state.read_number(key, CAN_AGE_S), witness=_SELF)


def _measure_service(bench: Bench, judge: Judge) -> bool:
    """Judge how reliably the service port answers; return whether it answers."""
    service = bench.parts.service
    retries, bad_frames = service.retries, service.bad_frames
    answered = 0
    for _ in range(_REPLIES):
        try:
            service.read_block("main")
        except ServiceLinkError:
            break
        answered += 1
    retried = service.retries - retries
    judge.value(
        "service_replies_pct",
        100.0 * answered / (_REPLIES + retried),
        witness="service adapter",
        note=f"{_REPLIES} requests, {retried} retries, {answered} answers",
    )
    judge.value(
        "checksum_errors",
        float(service.bad_frames - bad_frames),
        witness="service adapter",
    )
    return answered == _REPLIES


def _judge_service_statements(bench: Bench, judge: Judge, facts: RunFacts) -> None:
    service = bench.parts.service
    image = judge.image
    words = service.read_words_decisive(9, 3)
    facts.firmware = {
        "boot": str(words[0]),
        "software": f"{words[1] / 100:.2f}",
        "hardware": str(words[2]),
    }
    judge.value(
        "firmware_version",
        words[1] / 100.0,
        witness=_SELF,
        note="register 10 as hundredths; decoder provisional",
    )
    judge.expect("version_words", image.matches(9, words), witness=_SELF)
    judge.expect(
        "factory_capacity_ah",
        round(service.read("factory_capacity_ah")),
        witness=_SELF,
    )
    began = service.read_words_decisive(12, 2)
    bench.hold(_COUNT_S, 250_000)
    judge.expect(
        "run_time_counts",
        service.read_words_decisive(12, 2) != began,
        witness="bench clock",
        note="registers 12 and 13, two seconds apart; named, not scaled",
    )
    judge.expect("cell_count", round(service.read("cell_count")), witness=_SELF)
    judge.expect("sensor_count", round(service.read("sensor_count")), witness=_SELF)
    judge.expect(
        "recommendations",
        image.matches(69, service.read_words_decisive(69, 2)),
        witness=_SELF,
    )
