"""How the tests run: the same way every time, however busy the machine is."""

from __future__ import annotations

from hypothesis import settings

# Examples depend on nothing but the test, and a slow one is no failure.
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")
