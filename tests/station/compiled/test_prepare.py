"""What the compiler is told of a module."""

from __future__ import annotations

from pathlib import Path

from station.compiled.cache import ROOT
from station.compiled.prepare import load_notes, prepare

NOTES = load_notes()


def test_patterns_and_classes_exist() -> None:
    """A renamed module would be compiled, or left out, by mistake."""
    modules = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "instruments").rglob("*.py")
    ]
    for pattern in NOTES.interpreted:
        assert any(Path(name).match(pattern) for name in modules), pattern
    for name in NOTES.not_native | NOTES.subclassed:
        module, found = name.split(".")
        texts = [
            (ROOT / path).read_text(encoding="utf-8")
            for path in modules
            if Path(path).stem == module
        ]
        assert any(f"class {found}" in text for text in texts), name


def test_subclassed_class_is_marked() -> None:
    """The first interpreted subclass ends the program."""
    future = "from __future__ import annotations"
    text = f'"""Doc."""\n\n{future}\n\n\nclass World:\n    x: int\n'
    lines = prepare(text, "world", NOTES).splitlines()
    assert lines[2].endswith("; from mypy_extensions import mypyc_attr")
    assert lines[5:7] == [
        "@mypyc_attr(allow_interpreted_subclasses=True)",
        "class World:",
    ]


def test_tuples_of_dataclasses_stay_whole() -> None:
    """A parameter that is a tuple of numbers would lose what it is a tuple of."""
    text = (
        "from __future__ import annotations\n@dataclass(frozen=True)\n"
        "class Rows:\n    of: tuple[int, ...]\n    one: int\n"
    )
    assert prepare(text, "rows", NOTES).splitlines()[-1] == (
        'getattr(Rows, "__annotations__")["of"] = \'tuple[int, ...]\''
    )


def test_other_modules_stay_as_they_are() -> None:
    """A compiled module would differ from what was reviewed."""
    text = "from __future__ import annotations\n\nX = 1\n"
    assert prepare(text, "plain", NOTES) == text
