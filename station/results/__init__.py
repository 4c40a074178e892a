"""The record store: begun, added to, ended, read back, confirmed."""
