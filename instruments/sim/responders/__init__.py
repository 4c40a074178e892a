"""The simulated instruments, each in its maker's dialect."""
