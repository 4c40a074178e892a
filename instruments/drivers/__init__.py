"""One driver per instrument family; each satisfies a role of `instruments.roles`."""
