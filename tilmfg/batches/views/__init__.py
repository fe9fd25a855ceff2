"""The pages of the floor."""

from .floor import batch, batch_start, floor
from .step import step, step_discard, step_labels, step_scan
from .verification import reading_confirm, reading_correct, step_verify

__all__ = [
    "batch",
    "batch_start",
    "floor",
    "reading_confirm",
    "reading_correct",
    "step",
    "step_discard",
    "step_labels",
    "step_scan",
    "step_verify",
]
