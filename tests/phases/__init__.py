"""Tests of the behaviours: each measurement passes on a healthy module and can fail."""
