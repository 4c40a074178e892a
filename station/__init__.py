"""Configuration, run, verdict, signals, records and the command line."""
