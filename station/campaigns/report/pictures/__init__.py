"""Draw the report's pictures as SVG, by hand: small, sharp in print, no library.

Colours are from Okabe and Ito's set, and no picture says by colour alone what it means.
"""
