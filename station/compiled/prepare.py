"""Add to a copied module what the compiler must be told of its classes."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

NOTES_FILE = Path(__file__).with_name("compiled.toml")
_IMPORT = "; from mypy_extensions import mypyc_attr"


@dataclass(frozen=True, slots=True)
class Notes:
    """What stays interpreted, and which classes need a word to the compiler."""

    interpreted: tuple[str, ...]
    not_native: frozenset[str]
    subclassed: frozenset[str]

    def compiles(self, module: str) -> bool:
        """Tell whether a module, named by its path, is compiled."""
        return not any(fnmatchcase(module, pattern) for pattern in self.interpreted)

    def attribute_of(self, name: str) -> str | None:
        """Name the attribute that a class needs, or None."""
        if name in self.not_native:
            return "native_class=False"
        if name in self.subclassed:
            return "allow_interpreted_subclasses=True"
        return None


def load_notes() -> Notes:
    """Load the notes to the compiler."""
    table = tomllib.loads(NOTES_FILE.read_text(encoding="utf-8"))
    classes = table["classes"]
    return Notes(
        tuple(table["interpreted"]),
        frozenset(classes["not_native"]),
        frozenset(classes["subclassed"]),
    )


def prepare(text: str, module: str, notes: Notes) -> str:
    """Write a module as the compiler needs it.

    Args:
        text: the module's source.
        module: its last name, for instance ``world``.
        notes: what is known of its classes.
    """
    tree = ast.parse(text)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    lines = text.splitlines()
    lines += [line for node in classes for line in _whole_tuples(node)]
    marked = False
    for node in reversed(classes):
        attribute = notes.attribute_of(f"{module}.{node.name}")
        if attribute is not None:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            lines.insert(first - 1, f"@mypyc_attr({attribute})")
            marked = True
    if marked:
        lines[_future_line(tree) - 1] += _IMPORT
    return "\n".join(lines) + "\n"


def _whole_tuples(node: ast.ClassDef) -> Iterator[str]:
    """Restore tuple annotations: the compiler keeps of them only `tuple`."""
    if not any("dataclass" in ast.unparse(item) for item in node.decorator_list):
        return
    for field in node.body:
        if not isinstance(field, ast.AnnAssign):
            continue
        kind = ast.unparse(field.annotation)
        if "tuple[" in kind and "ClassVar" not in kind:
            where = f'getattr({node.name}, "__annotations__")'
            yield f'{where}["{ast.unparse(field.target)}"] = {kind!r}'


def _future_line(tree: ast.Module) -> int:
    """Find the line of the module's __future__ import."""
    return next(
        node.lineno
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    )
