"""Opening a simulated bench: who answers is proved, what is wrong is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.bench_file import BenchConfig, load_bench_file
from instruments.errors import BenchFileError, InstrumentError
from instruments.open import open_bench

SHIPPED = Path(__file__).parents[2] / "station" / "benches" / "simulated.toml"


@pytest.fixture(scope="module")
def config() -> BenchConfig:
    """Read the shipped bench."""
    return load_bench_file(SHIPPED)


def defect(tmp_path: Path, target: str, name: str) -> Path:
    """Write a defect file with one fault."""
    path = tmp_path / "defect.toml"
    path.write_text(
        f'id = "d"\ntitle = "d"\n[[fault]]\ntarget = "{target}"\nname = "{name}"\n',
        encoding="utf-8",
    )
    return path


def test_every_instrument_says_who_it_is(config: BenchConfig) -> None:
    """An instrument is used without having proved which one it is."""
    bench = open_bench(config)
    try:
        assert set(bench.identities) == {one.role for one in bench.parts.instruments()}
    finally:
        bench.close()
        bench.close()


def test_traces_are_kept_where_they_were_asked_for(
    config: BenchConfig, tmp_path: Path
) -> None:
    """A run leaves no evidence, or leaves it elsewhere."""
    bench = open_bench(config, trace_dir=tmp_path)
    bench.sample()
    bench.close()
    assert bench.trace_files
    assert all(path.parent == tmp_path for path in bench.trace_files)
    assert bench.trace_files[0].read_text(encoding="ascii").count("\n") >= 2


def test_label_is_the_module_s_and_not_the_scanned_one(
    config: BenchConfig, tmp_path: Path
) -> None:
    """The second scan repeats the first instead of reading the module."""
    path = tmp_path / "defect.toml"
    path.write_text(
        'id = "d"\ntitle = "d"\n[[change]]\ntarget = "module.label.serial"\n'
        'set = "WE-4K4P-26-47-0009"\n',
        encoding="utf-8",
    )
    bench = open_bench(config, defects=[path], serial="WE-4K4P-26-47-0001")
    try:
        assert "0009" in bench.parts.operator.ask("serial_again", "again")
    finally:
        bench.close()


@pytest.mark.parametrize("name", ["absent", "silent", "wrong_model"])
@pytest.mark.parametrize("role", ["supply", "shunt_meter", "switchbox"])
def test_instrument_that_does_not_prove_itself_is_refused(
    config: BenchConfig, tmp_path: Path, role: str, name: str
) -> None:
    """A run begins without an instrument, or with another one."""
    with pytest.raises(InstrumentError) as caught:
        open_bench(config, defects=[defect(tmp_path, role, name)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["soc_pct = 200.0", 'module = "asleep"', "colour = 1", "soc_pct ="],
)
def test_wrong_state_file_is_refused(
    config: BenchConfig, tmp_path: Path, text: str
) -> None:
    """A state that cannot be is built, or an unknown key ignored."""
    path = tmp_path / "state.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BenchFileError):
        open_bench(config, state=path)
