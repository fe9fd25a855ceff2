"""Every guard of signing and releasing is removed in turn; a test must notice. `python -m tests.guards` does it."""
