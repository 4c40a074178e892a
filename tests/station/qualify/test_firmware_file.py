"""Firmware files: what they may say, and what is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.errors import BenchFileError
from phases.release_image import load_release_image
from station.qualify.firmware_file import load_firmware
from station.qualify_command import BASELINE

HEAD = 'id = "a"\ntitle = "A firmware"\n'
PYTHON = HEAD + 'kind = "python"\n'
LIBRARY = HEAD + 'kind = "shared_library"\n'
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a function that writes a firmware file."""

    def to_file(text: str) -> Path:
        file = tmp_path / "firmware.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return to_file


def image_text(**changed: int) -> str:
    """Write the shipped image with other words."""
    words = {str(a): w for a, w in load_release_image().words.items()} | changed
    lines = [f"{address} = {word}" for address, word in words.items()]
    return 'release = "model 3.73"\n[words]\n' + "\n".join(lines)


def test_baseline_is_the_shipped_model() -> None:
    """The baseline's campaign would not be the one that is stored already."""
    baseline = load_firmware(BASELINE)
    assert baseline.is_shipped
    assert not baseline.is_compiled
    assert baseline.image is None


def test_parameters_may_be_quoted_or_not(write: Write) -> None:
    """One firmware would have two digests, and be played twice."""
    quoted = write(PYTHON + '[parameters]\n"module.bms.button.long_min_s" = 4.0\n')
    first = load_firmware(quoted)
    second = load_firmware(
        write(PYTHON + "[parameters]\nmodule.bms.button.long_min_s = 4.0\n")
    )
    assert first.runs.changes[0].target == "module.bms.button.long_min_s"
    assert first == second
    assert len(first.digest) == 64


def test_digest_covers_what_decides(write: Write, tmp_path: Path) -> None:
    """The stored campaign of another firmware would be taken for this one's."""
    (tmp_path / "image.toml").write_text(image_text())
    texts = (
        PYTHON + "[parameters]\nmodule.bms.button.long_min_s = 4.0\n",
        PYTHON + "[parameters]\nmodule.bms.button.long_min_s = 4.1\n",
        PYTHON + 'image = "image.toml"\n',
    )
    digests = [load_firmware(write(text)).digest for text in texts]
    (tmp_path / "image.toml").write_text(image_text(**{"55": 5895}))
    digests.append(load_firmware(write(texts[2])).digest)
    assert len({"", *digests}) == 5


def test_image_is_read_beside_the_file(write: Write, tmp_path: Path) -> None:
    """A release of other thresholds could not be told from a wrong one."""
    (tmp_path / "image.toml").write_text(image_text(**{"55": 5895}))
    image = load_firmware(write(PYTHON + 'image = "image.toml"\n')).image
    assert image is not None
    assert image.release == "model 3.73"
    assert image.expected(55, 2) == (5895, 5600)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "id: write one line"),
        (PYTHON + "extra = 1\n", "extra: unknown key; write id, title, kind"),
        (HEAD + 'kind = "fmu"\n', "kind: write one of python, shared_library"),
        (PYTHON.replace("A firmware", "two\\nlines"), "title: write one line"),
        (PYTHON + 'library = "a.so"\n', "library: belongs to kind"),
        (LIBRARY, "library: write one line"),
        (LIBRARY + 'library = "a.so"\n', "library: cannot be loaded"),
        (
            LIBRARY + "[parameters]\nmodule.bms.button.long_min_s = 4.0\n",
            "parameters: belong to the model",
        ),
        (PYTHON + "parameters = 3\n", "parameters: write a"),
        (
            PYTHON + "[parameters]\nmodule.cells.leak_ma = 4.0\n",
            "module.cells.leak_ma: is no part of the firmware; that is module.bms",
        ),
        (
            PYTHON + "[parameters]\nmodule.service.latency_min_ms = 4.0\n",
            "is no part of the firmware",
        ),
        (
            PYTHON + "[parameters]\nmodule.bms.button.long_s = 4.0\n",
            "no such target .nearest: module.bms.button.long_min_s",
        ),
        (
            PYTHON + '[parameters]\nmodule.bms.button.long_min_s = "long"\n',
            "write a float like 4.5",
        ),
        (PYTHON + 'image = "none.toml"\n', "none.toml"),
        ("id = ", "is not TOML"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    text: str, why: str, write: Write
) -> None:
    """A mistyped firmware file would qualify something else."""
    pytest.importorskip("cffi")
    with pytest.raises(BenchFileError, match=why) as refused:
        load_firmware(write(text))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (image_text(**{"55": 70000}), "words.55: write a word from 0 to 65535"),
        (image_text(**{"80": 1}), "words: write exactly the registers 9, 10"),
        (image_text() + "\n[more]\n", "more: unknown key; write release"),
        (image_text().replace('"model 3.73"', "3"), "release: write one line"),
    ],
)
def test_image_that_cannot_be_used_is_refused(
    text: str, why: str, write: Write, tmp_path: Path
) -> None:
    """Registers would be judged against half an image."""
    (tmp_path / "image.toml").write_text(text)
    with pytest.raises(BenchFileError, match=why):
        load_firmware(write(PYTHON + 'image = "image.toml"\n'))
