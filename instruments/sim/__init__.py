"""The bench that is not there: a model of module, peers, circuit and instruments.

It answers behind the seams of pyvisa, python-can and pyserial, on one virtual clock. It
is a model; its numbers and their sources stand in `parameters/`.
"""
