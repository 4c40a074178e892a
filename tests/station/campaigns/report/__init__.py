"""Tests of the report of a campaign."""
