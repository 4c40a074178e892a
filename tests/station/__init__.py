"""Tests of the station package."""
