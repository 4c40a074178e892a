"""The BMS of the simulated module: a model built of one small rule per behaviour."""
