"""The paper side of the house: frozen contents in, bytes of PDF/A and CSV out.

A small pure package: no models, no clock, no database. It is not a room of the river; every room may
use it, and it knows none of them.
"""
