"""Specimens in the formats of other instruments, one vendor in each file; `make_instrument_files` writes them."""
