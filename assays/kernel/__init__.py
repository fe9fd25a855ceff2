"""The numerics of the laboratory: pure functions on frozen values; no database, no framework, no clock."""

VERSION = "0.3.1"  # stored with every computed run; raised with every change that can move a digit
