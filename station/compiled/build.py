"""Build the compiled copy of `instruments` in the folder where this is started.

    python -m station.compiled.build MODULE.py ...

A process of its own: setuptools and mypyc change what they find.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

_FLAGS = ("-ffp-contract=off",)
"""A fused multiply-add would round otherwise than the interpreter does."""


def build(modules: Sequence[str]) -> None:
    """Compile modules, named by their paths, beside their sources."""
    from mypyc.build import mypycify
    from setuptools import setup

    extensions = mypycify(
        ["--ignore-missing-imports", *modules],
        opt_level="2",
        debug_level="0",
        multi_file=True,
    )
    for extension in extensions:
        extension.extra_compile_args.extend(_FLAGS)
    setup(
        name="compiled",
        packages=[],
        ext_modules=extensions,
        script_args=["build_ext", "--build-lib", "."],
    )


if __name__ == "__main__":
    build(sys.argv[1:])
