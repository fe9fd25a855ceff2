"""Geometry of the pictures: pure functions from values to frozen shapes that a template writes as SVG.

Widths that should follow the page are percentages; the rest is in the picture's own units.
"""
