"""Judge a release of the module's firmware by the campaign that it plays.

The same defects and healthy modules are played on the new firmware and on a baseline;
a new escape, a new false fail or a changed behaviour keeps the release back.
"""
