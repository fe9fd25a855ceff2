"""The laboratory: methods, instrument files, runs with every well, results. No decision about a lot."""

from .computations import Computation, Masking
from .methods import InstrumentFile, Method
from .results import Result
from .runs import MappedSample, Run, Well

__all__ = [
    "Computation",
    "InstrumentFile",
    "MappedSample",
    "Masking",
    "Method",
    "Result",
    "Run",
    "Well",
]
