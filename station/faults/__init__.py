"""The fault campaign: runs on the simulated bench with one thing going wrong.

A *case* is one run of one sequence in which one call through one seam fails in one way,
played from its start or from a snapshot at that call (`snapshots`). What happened is
read from the simulated world (`instruments.sim.faults.truth`), not from what the
station believes, and the invariants (a) to (h) are asked of it.
"""
