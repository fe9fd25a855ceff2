"""Scales and their tick marks."""

import math
from dataclasses import dataclass

from ..numbers import SUPERSCRIPTS, readable

NICE_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Tick:
    at: float
    text: str
    major: bool = True


@dataclass(frozen=True)
class Axis:
    """Maps values low…high onto places start…end."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = math.log10(low), math.log10(high), math.log10(value)
        share = (here - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 2)

    def ticks(self) -> list[Tick]:
        return self._decades() if self.log else self._steps()

    def _decades(self) -> list[Tick]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        every = 1 if last - first <= 8 else 2
        ticks = []
        for power in range(first, last + 1):
            for digit in range(1, 10):
                value = digit * 10.0**power
                if not self.low * 0.999 <= value <= self.high * 1.001:
                    continue
                labelled = digit == 1 and (power - first) % every == 0
                text = _power_of_ten(power) if labelled else ""
                ticks.append(Tick(self.place(value), text, major=labelled))
        return ticks

    def _steps(self) -> list[Tick]:
        step = _nice_step((self.high - self.low) / 5)
        count = math.floor((self.high - self.low) / step + 1e-9)
        first = math.ceil(self.low / step - 1e-9) * step
        values = [first + i * step for i in range(count + 1)]
        return [Tick(self.place(v), readable(round(v, 10))) for v in values if v <= self.high + step * 1e-6]


def linear(values, start: float, end: float, *, from_zero: bool = False) -> Axis:
    low, high = min(values), max(values)
    if from_zero:
        low = min(low, 0)
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    step = _nice_step((high - low) / 5)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, start, end)


def logarithmic(values, start: float, end: float) -> Axis:
    """Covers the values with a little air, never less than one decade."""
    low, high = min(values) / 1.6, max(values) * 1.6
    if high / low < 10:
        middle = math.sqrt(low * high)
        low, high = middle / 10**0.5, middle * 10**0.5
    return Axis(low, high, start, end, log=True)


def _nice_step(rough: float) -> float:
    size = 10.0 ** math.floor(math.log10(rough))
    return next(step * size for step in NICE_STEPS if rough <= step * size * 1.0001)


def _power_of_ten(power: int) -> str:
    if 0 <= power <= 4:
        return readable(10**power)
    return f"10{str(power).translate(SUPERSCRIPTS)}"
