"""What the module says on its own buses, with age and validity."""
