"""Talk to the bench: drivers, links, wire formats, the bench itself and its simulation.

Current is positive into the module (charging), everywhere. Numbers carry their unit in
their name. Nothing here knows limits, phases or the test executive.
"""
