"""Kill tests: what the bench does when the station is killed, stopped or cut off.

A served bench and a station are real processes here, at the speed of real time; what
is judged is the truth log of the bench, and the record that the station left.
"""
