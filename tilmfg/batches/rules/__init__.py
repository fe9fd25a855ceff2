"""Pure decisions of the batch record: what a process definition says, windows, limits, calculations."""

from .evaluation import UnacceptableValue, Value, evaluate, wanted_entries
from .process import (
    Computed,
    DefinitionIsInvalid,
    EquipmentSlot,
    Handled,
    Limits,
    MaterialSlot,
    Parameter,
    Process,
    Produced,
    SampleDrawn,
    Step,
    Window,
)
from .windows import Span, day_of, span_of

__all__ = [
    "Computed",
    "DefinitionIsInvalid",
    "EquipmentSlot",
    "Handled",
    "Limits",
    "MaterialSlot",
    "Parameter",
    "Process",
    "Produced",
    "SampleDrawn",
    "Span",
    "Step",
    "UnacceptableValue",
    "Value",
    "Window",
    "day_of",
    "evaluate",
    "span_of",
    "wanted_entries",
]
