"""Tests of the instruments, mirroring the package."""
