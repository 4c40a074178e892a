"""Energy in, out, stored and lost: what the trace says and what the world knows.

In and out are integrated from the V/I file alone. Stored and lost come from the
simulated world's ledger; both runs of 20 Ah at equal charge come from the file again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from instruments.bench_file import load_bench_file
from instruments.open import open_bench
from limits.load import load_limits
from phases.execute import execute
from station.wiring import DEFAULT_BENCH, bare_argv
from tests.stories.command_line import SERIAL, STATES
from tests.stories.independent_evaluation import Flow, Sample, integrate, read_rows

# One process makes the expensive fixture, once (pytest-xdist, --dist=loadgroup).
pytestmark = pytest.mark.xdist_group("balance")

IN_THE_MODULE = ("cells_heat_wh", "pack_heat_wh", "drain_heat_wh")
ONE_PER_CENT = 0.01


@dataclass(frozen=True, slots=True)
class Balance:
    """A charge and a discharge: the file's last row and the world's ledger."""

    flow: Flow
    ledger: Mapping[str, float]


@pytest.fixture(scope="module")
def balance(tmp_path_factory: pytest.TempPathFactory) -> Balance:
    """Charge a module fully and discharge it, in this process to see its world."""
    folder = tmp_path_factory.mktemp("energy")
    bench = open_bench(
        load_bench_file(DEFAULT_BENCH),
        state=STATES / "capacity.toml",
        trace_dir=folder,
        serial=SERIAL,
    )
    try:
        with bare_argv():
            found = execute(
                "capacity",
                bench,
                load_limits(None),
                SERIAL,
                lambda phase: None,
                lambda progress: None,
            )
        ledger = bench.world.plant.ledger()
    finally:
        bench.close()
    assert found.error is None
    return Balance(last_flow(folder / "vi.csv"), ledger)


def last_flow(path: Path) -> Flow:
    """Integrate a V/I file to its end."""
    return integrate(row for row in read_rows(path) if isinstance(row, Sample))[-1]


def test_in_out_stored_and_lost_balance_to_one_per_cent(balance: Balance) -> None:
    """Energy appears or disappears between the trace and the world."""
    ledger = balance.ledger
    lost_wh = sum(ledger[name] for name in IN_THE_MODULE)
    rest_wh = balance.flow.net_wh - ledger["stored_wh"] - lost_wh
    assert abs(rest_wh) <= ONE_PER_CENT * balance.flow.in_wh


def test_lost_alone_balances_to_one_per_cent_of_what_went_in(balance: Balance) -> None:
    """Losses, a few per cent of the energy, hide in the tolerance of the whole."""
    lost_wh = sum(balance.ledger[name] for name in IN_THE_MODULE)
    assert lost_wh > 2.0 * ONE_PER_CENT * balance.flow.in_wh


def test_sources_gave_what_arrived_and_what_the_leads_took(balance: Balance) -> None:
    """The trace integrates another current or voltage than the sources carried."""
    ledger = balance.ledger
    source_wh = ledger["supply_wh"] - ledger["load_wh"]
    arrived_wh = source_wh - ledger["lead_heat_wh"] - ledger["bleeder_heat_wh"]
    assert arrived_wh == pytest.approx(
        balance.flow.net_wh, abs=ONE_PER_CENT * balance.flow.in_wh
    )


def test_the_ledger_itself_adds_up(balance: Balance) -> None:
    """The world loses energy, and whatever is compared with it means nothing."""
    assert abs(balance.ledger["error_wh"]) <= 1e-6 * balance.ledger["supply_wh"]
