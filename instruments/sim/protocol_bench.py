"""Where pyserial looks for the handler of ``bench://`` (see `serial_port`)."""

from instruments.sim.serial_port import SimulatedSerial as Serial

__all__ = ["Serial"]
