"""The fault campaign: whole runs on the simulated bench with one thing going wrong.

A *case* is one run of one sequence in which one call through one seam fails in one way.
What happened is read from the simulated world (`instruments.sim.faults.truth`), not
from what the station believes, and seven invariants are asked of it.
"""
