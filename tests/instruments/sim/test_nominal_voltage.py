"""EL-01, manual L1123: the module's nominal voltage, held by the simulated cell."""

from __future__ import annotations

from pathlib import Path

import pytest

import instruments.sim
from instruments.sim.ocv import load_ocv

TABLE = Path(instruments.sim.__file__).parent / "parameters" / "ocv_lfp.csv"


def test_open_circuit_voltage_is_nominal_at_28_percent() -> None:
    """The model's chemistry would not be the product's (52.2 V, 16 in series)."""
    assert 16 * load_ocv(TABLE).ocv_v(0.28) == pytest.approx(52.2, abs=0.1)
