"""Capacity: one whole discharge at 43 A, with LED bands and SOC anchors in passing.

From the anchor at 54.5 V / 10 A to 49.5 V at 43 A, by the station's own shunt,
corrected to 25 °C. Requirements: EL-02, EL-03, EL-04, EL-10, EL-11, EL-12, EL-21,
LD-03 to LD-08, LD-16.
"""

from __future__ import annotations

from instruments.bench import Bench
from instruments.counter import Tally
from instruments.errors import PreconditionNotMet
from instruments.trace import Sample
from phases.facts import RunFacts
from phases.judge import Judge
from phases.operate import ensure_running, page_of, read_bar, said
from phases.plan import CapacityPlan, Plan

_SHUNT = "shunt meter"
_SAID_US = 3_000_000
# Looked at when the said SOC first comes to a level: the register has steps of 0.4 %,
# so the true one lies up to 0.2 % above. Both sides of each edge, and the middles; what
# lies around 32 % is looked at in `shipping`, where the said SOC rises without a jump.
_BANDS = (
    (95.0, "led_band_95_count"),
    (91.0, "led_band_91_count"),
    (89.0, "led_band_89_count"),
    (72.0, "led_band_72_count"),
    (55.9, "led_band_56_count"),
    (54.0, "led_band_54_count"),
    (18.0, "led_band_18_count"),
    (6.9, "led_band_7_count"),
    (5.4, "led_band_5_count"),
    (4.2, "led_band_4_yellow"),
)
_ANCHORS = ((51.0, "soc_10_pct"), (50.5, "soc_5_pct"))
_RED_LOOKS = 16


def run(bench: Bench, judge: Judge, plan: Plan, facts: RunFacts) -> None:
    """Discharge the full module at 43 A down to 49.5 V and count."""
    test = plan.capacity
    if facts.full is None:
        raise PreconditionNotMet(
            "capacity", "no charge anchor at 54.5 V / 10 A", "charge fully first"
        )
    ensure_running(bench)
    start_c = bench.parts.scan_meter.measure(("case_c",))["case_c"]
    _judge_no_red(bench, judge)
    passing = _Passing(bench, judge, facts)
    bench.parts.service.read_block("summary")
    bench.discharge(test.current_a)
    bench.sampler.on_sample = passing.look
    try:
        end = bench.wait_until(lambda s: s.module_v <= test.end_v, test.timeout_s)
        if end is not None:
            facts.empty = bench.tally()
            bench.hold(_SAID_US / 1e6)
            passing.judge_anchor("soc_0_pct")
    finally:
        bench.sampler.on_sample = None
    bench.disconnect()
    if end is None or facts.empty is None:
        counted_ah = facts.full.since(bench.tally()).net_ah
        judge.at_least("ah", counted_ah, witness=_SHUNT, note="49.5 V not reached")
        return
    _judge_capacity(bench, judge, test, facts.full.since(facts.empty), start_c, facts)


def _judge_capacity(
    bench: Bench,
    judge: Judge,
    test: CapacityPlan,
    flowed: Tally,
    start_c: float,
    facts: RunFacts,
) -> None:
    """Judge charge and energy between the anchors, corrected to 25 °C."""
    end_c = bench.parts.scan_meter.measure(("case_c",))["case_c"]
    _judge_warm_sensors(bench, judge, end_c)
    mean_c = (start_c + end_c) / 2.0
    correction_ah = (test.reference_c - mean_c) * test.ah_per_k
    counted_ah = flowed.net_ah
    usable_ah = counted_ah + correction_ah
    hours = abs(flowed.t_us) / 3_600e6
    amps = bench.config.shunt_meter.uncertainty
    meter_ah = (flowed.out_ah + flowed.in_ah) * amps.gain_pct / 100.0
    uncertainty_ah = (
        meter_ah**2
        + (amps.offset * hours) ** 2
        + (correction_ah / 2.0) ** 2
        + test.fit_ah**2
    ) ** 0.5
    facts.usable_ah = usable_ah
    facts.usable_uncertainty_ah = uncertainty_ah
    judge.value(
        "ah",
        usable_ah,
        uncertainty=uncertainty_ah,
        witness=_SHUNT,
        note=f"{counted_ah:.3f} Ah counted,"
        f" {correction_ah:+.3f} Ah for {mean_c:.1f} °C",
    )
    judge.info("counted_ah", counted_ah, "Ah", "before the temperature correction")
    volts = bench.config.module_meter.uncertainty
    judge.value(
        "energy_wh",
        abs(flowed.net_wh),
        uncertainty=abs(flowed.net_wh) * (volts.gain_pct + amps.gain_pct) / 100.0
        + uncertainty_ah * 52.0,
        witness="terminal meter and shunt meter",
    )


def _judge_warm_sensors(bench: Bench, judge: Judge, case_c: float) -> None:
    """Judge whether every sensor has followed the cells, which are warm by now."""
    said = bench.parts.service.read_block("main")
    judge.between(
        "warm_sensors_c",
        said["temperature_min_c"] - case_c,
        said["temperature_max_c"] - case_c,
        uncertainty=bench.config.scan_meter.temperature_uncertainty_c,
        witness="case probe",
    )


def _judge_no_red(bench: Bench, judge: Judge) -> None:
    """Watch the bar for fifteen seconds in normal state."""
    red = False
    for _ in range(_RED_LOOKS):
        red = red or bool(page_of(read_bar(bench)))
        bench.hold(1.0, 1_000_000)
    judge.expect("led_band_no_red", not red, witness="LED reader", note="15 s")


class _Passing:
    """What is read in passing while the discharge runs."""

    def __init__(self, bench: Bench, judge: Judge, facts: RunFacts) -> None:
        self._bench = bench
        self._judge = judge
        self._facts = facts
        self._bands = list(_BANDS)
        self._anchors = list(_ANCHORS)
        self._due: list[tuple[int, str]] = []
        self._window_end: Tally | None = None

    def look(self, sample: Sample) -> None:
        """Look at SOC bands, anchors and the efficiency window after a sample."""
        if self._bands:
            self._look_at_bands()
        if self._anchors and sample.module_v <= self._anchors[0][0]:
            self._due.append((sample.t_v_us + _SAID_US, self._anchors.pop(0)[1]))
        if self._due and sample.t_v_us >= self._due[0][0]:
            self.judge_anchor(self._due.pop(0)[1])
        if self._facts.window_discharge is None:
            self._look_at_window()

    def judge_anchor(self, key: str) -> None:
        """Judge the SOC that the module says at an anchor voltage."""
        soc_pct = said(self._bench, "soc_pct")
        self._judge.value(
            key,
            soc_pct,
            uncertainty=0.2,
            witness="terminal meter",
            note="said on the service link",
        )

    def _look_at_bands(self) -> None:
        soc_pct = said(self._bench, "soc_pct")
        threshold_pct, name = self._bands[0]
        if soc_pct > threshold_pct:
            return
        self._bands.pop(0)
        bar = read_bar(self._bench)
        note = f"at SOC {soc_pct:.1f} % said"
        if name.endswith("_yellow"):
            self._judge.expect(
                name, bar.leds[0] == "yellow", witness="LED reader", note=note
            )
        else:
            blue = bar.leds.count("blue")
            self._judge.expect(name, blue, witness="LED reader", note=note)

    def _look_at_window(self) -> None:
        """Find the same window of charge on the way down as on the way up."""
        start, charged = self._facts.window_start, self._facts.window_charge
        if start is None or charged is None:
            return
        now = self._bench.tally()
        if self._window_end is None:
            if now.net_ah <= start.net_ah + charged.net_ah:
                self._window_end = now
        elif now.net_ah <= start.net_ah:
            self._facts.window_discharge = now.since(self._window_end)
