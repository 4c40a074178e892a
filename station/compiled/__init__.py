"""Play simulated runs with a compiled copy of `instruments`: the same, but faster.

The sources stay as they are. A copy of them goes through mypyc once, into a cache
folder named by their hash, and the program starts again with that folder first on its
path. `python -m tests.benchmarks.compiled` shows that the evidence is the same.
"""
