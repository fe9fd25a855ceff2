"""Pure decisions of the batch record: what a process definition says, windows, limits, calculations."""

from .evaluation import Entry, UnacceptableValue, Value, evaluate, instances, wanted_entries
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
    "Entry",
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
    "instances",
    "span_of",
    "wanted_entries",
]
