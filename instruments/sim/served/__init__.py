"""The simulated bench as a process of its own, on loopback sockets."""
