"""The verbs of quality: deviations are opened and closed, out-of-specification results investigated."""

from .deviations import (
    CLOSERS,
    UnableToCloseDeviation,
    UnableToOpenDeviation,
    close_deviation,
    closure_content,
    open_deviation,
    parts_in_closing,
)
from .investigations import (
    CONCLUDERS,
    CONCLUSION,
    UnableToConclude,
    conclude_phase,
    conclusion_content,
    open_investigation,
    parts_in,
)

__all__ = [
    "CLOSERS",
    "CONCLUDERS",
    "CONCLUSION",
    "UnableToCloseDeviation",
    "UnableToConclude",
    "UnableToOpenDeviation",
    "close_deviation",
    "closure_content",
    "conclude_phase",
    "conclusion_content",
    "open_deviation",
    "open_investigation",
    "parts_in",
    "parts_in_closing",
]
