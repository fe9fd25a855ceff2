"""The laboratory: methods, instrument files, runs with every well, results. No decision about a lot."""

from .methods import InstrumentFile, Method
from .results import Result
from .runs import MappedSample, Run, Well

__all__ = ["InstrumentFile", "MappedSample", "Method", "Result", "Run", "Well"]
