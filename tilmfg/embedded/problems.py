"""What goes wrong with servers, said in one line that a person can act on."""


class UnableToRun(RuntimeError):
    """Shown without a traceback."""
