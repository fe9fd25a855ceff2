"""The laboratory: methods, instrument files, runs with every well, results. No decision about a lot."""

from .computations import Computation, Masking
from .controls import AssignedValue, ControlLot, ControlReading
from .methods import InstrumentFile, Method
from .results import Result
from .runs import MappedSample, Run, RunReagent, Well
from .second_readings import SecondReading

__all__ = [
    "AssignedValue",
    "Computation",
    "ControlLot",
    "ControlReading",
    "InstrumentFile",
    "MappedSample",
    "Masking",
    "Method",
    "Result",
    "Run",
    "RunReagent",
    "SecondReading",
    "Well",
]
