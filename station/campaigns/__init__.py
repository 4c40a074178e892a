"""Measure the plan: how many bad modules it lets through, how many good ones it fails.

A campaign plays many runs on the simulated bench: every defect of the catalogue, and
healthy modules drawn from the population. The module is a model; so are the figures.
"""
