"""Say what a campaign found: counts, bounds, matrix, necessity, margins, cost.

Runs are read once, in a stream. What the report says it says of the simulated module,
and of the plan, the limits and the program that its head names.
"""
