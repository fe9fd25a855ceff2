"""The range of a reading: where its limits lie on a bar, so that what is typed can be seen against them."""

from dataclasses import dataclass

from ..numbers import exact, readable
from .axis import Axis

LOG_FROM_RATIO = 20


@dataclass(frozen=True)
class LimitBar:
    low: float | None
    high: float | None
    start: float
    end: float
    log: bool
    band_from: float  # per cent of the bar
    band_width: float
    words: str

    @property
    def band_to(self) -> float:
        return round(self.band_from + self.band_width, 2)

    @property
    def low_text(self) -> str:
        return "" if self.low is None else readable(self.low)

    @property
    def high_text(self) -> str:
        return "" if self.high is None else readable(self.high)


def limit_bar(low, high, unit: str = "") -> LimitBar | None:
    """The bar for a lower limit, an upper limit or both; None where there is no limit to draw."""
    words = limits_in_words(low, high, unit)
    low = None if low in (None, "") else float(exact(low))
    high = None if high in (None, "") else float(exact(high))
    if low is None and high is None:
        return None
    if low is not None and high is not None and low >= high:
        raise ValueError(f"The lower limit {low} is not below the upper limit {high}.")
    log = low is not None and high is not None and low > 0 and high / low >= LOG_FROM_RATIO
    start, end = _surroundings(low, high, unit=unit, log=log)
    axis = Axis(start, end, 0, 100, log)
    band_from = 0.0 if low is None else axis.place(low)
    band_to = 100.0 if high is None else axis.place(high)
    return LimitBar(low, high, start, end, log, band_from, round(band_to - band_from, 2), words)


def limits_in_words(low, high, unit: str = "") -> str:
    tail = f"\u00a0{unit}" if unit else ""
    has_low, has_high = low not in (None, ""), high not in (None, "")
    if has_low and has_high:
        return f"{readable(low)} to {readable(high)}{tail}"
    if has_low:
        return f"at least {readable(low)}{tail}"
    return f"at most {readable(high)}{tail}" if has_high else ""


def _surroundings(low: float | None, high: float | None, *, unit: str, log: bool) -> tuple[float, float]:
    """How far the bar reaches beyond the limits; percentages and amounts end where nature ends them."""
    if log:
        margin = (high / low) ** 0.35
        return low / margin, high * margin
    if low is None:
        start, end = high - 1.5 * (abs(high) or 1), high + 0.75 * (abs(high) or 1)
    elif high is None:
        start, end = low - 0.75 * (abs(low) or 1), low + 1.5 * (abs(low) or 1)
    else:
        margin = 0.5 * (high - low)
        start, end = low - margin, high + margin
    lowest_limit = high if low is None else low
    if lowest_limit >= 0:
        start = max(start, 0)
    if unit == "%" and lowest_limit >= 0 and end > 100 and (high is None or high <= 100):
        end = 100
    return start, end
