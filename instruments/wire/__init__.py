"""Wire formats of the module: bytes in, bytes out; no I/O, no clock."""
