"""Current and voltage of an energised bench, each held against a second instrument.

Every look is compared within a wide band, which finds a reading that stands still;
means of a steady state within the uncertainties of the bench file, which finds a meter
whose gain or offset is wrong. Source: design.md, two witnesses of each quantity.
"""

from __future__ import annotations

from instruments.bench_file import BenchConfig, Uncertainty
from instruments.trace import Sample
from instruments.witness import MeanWitnesses, Witnesses

_LEAD_MAX_OHM = 0.004
"""Leads and fixture contactor between bench side and terminals (provisional)."""
_CONTACT_V = 0.01
"""Thermal voltages and the drift between two readings of one look."""
_CONNECTED_V = 30.0


class CrossCheck:
    """Compares shunt meter with source, and terminal meter with bench side.

    Args:
        config: the bench file; its uncertainties (k = 2) make the fine bands.
    """

    def __init__(self, config: BenchConfig) -> None:
        self._config = config
        self._amps = Witnesses("shunt meter", "source", "A", 1.0, 0.02)
        self._volts = Witnesses("terminal meter", "bench side", "V", 0.6, 0.01)
        self._source_volts = Witnesses("terminal meter", "source", "V", 0.6, 0.01)
        self._mean_amps = MeanWitnesses("shunt meter", "source", "A")
        self._mean_volts = MeanWitnesses("terminal meter", "bench side", "V")

    def supply(self, sample: Sample, current_a: float, voltage_v: float) -> None:
        """Compare meters with the supply's current into the module [A] and voltage [V].

        Raises:
            InstrumentError: they part.
        """
        self._source_volts.compare(sample.module_v, voltage_v)
        self._compare_a(sample, current_a, self._config.supply.read_back)

    def begin_source(self) -> None:
        """Begin to compare a source that was switched on."""
        self._amps.begin()

    def end_source(self) -> None:
        """See that the source which is to go off has agreed with the shunt meter.

        Raises:
            InstrumentError: it was compared and never did.
        """
        self._amps.end()

    def load(self, sample: Sample, current_a: float, voltage_v: float) -> None:
        """Compare meters with the load's current, a magnitude [A], and voltage [V].

        Raises:
            InstrumentError: they part.
        """
        self._source_volts.compare(sample.module_v, voltage_v)
        self._compare_a(sample, -current_a, self._config.load.read_back)

    def bench_side(self, sample: Sample, bench_v: float, source_on: bool) -> None:
        """Compare the terminal voltage with the bench side's [V], across the leads.

        Args:
            sample: the look.
            bench_v: voltage on the source's side of the leads.
            source_on: a closed contactor with both sources off has no coarse check:
                its bench side follows a module that starts within the look.

        Raises:
            InstrumentError: they part by more than the leads can explain.
        """
        lowest_v, highest_v = sorted((sample.module_v, bench_v))
        if highest_v < _CONNECTED_V:
            return  # the module has opened: both sides decay, each by itself
        if source_on:
            self._volts.compare(sample.module_v, bench_v)
        if lowest_v < _CONNECTED_V:
            return  # peers may be joined with the fixture contactor open
        if not self._volts.agree(sample.module_v, bench_v):
            return  # a pair that straddles an edge belongs to no mean
        config = self._config
        band_v = (
            config.module_meter.uncertainty.of(sample.module_v)
            + config.scan_meter.uncertainty.of(bench_v)
            + _CONTACT_V
        )
        # While charging the bench side stands above the terminals.
        lead_v = -sample.current_a * _LEAD_MAX_OHM
        self._mean_volts.compare(
            sample,
            sample.module_v - bench_v,
            min(lead_v, 0.0) - band_v,
            max(lead_v, 0.0) + band_v,
        )

    def _compare_a(
        self, sample: Sample, source_a: float, read_back: Uncertainty
    ) -> None:
        current_a = sample.current_a
        self._amps.compare(current_a, source_a)
        if not self._amps.agree(current_a, source_a):
            return  # a pair that straddles an edge belongs to no mean
        band_a = self._config.shunt_meter.uncertainty.of(current_a)
        band_a += read_back.of(source_a)
        self._mean_amps.compare(sample, current_a - source_a, -band_a, band_a)
