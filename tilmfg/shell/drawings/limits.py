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
    lower, upper = _limit(low), _limit(high)
    if lower is None and upper is None:
        return None
    if lower is not None and upper is not None and lower >= upper:
        raise ValueError(f"The lower limit {low} is not below the upper limit {high}.")
    log = lower is not None and upper is not None and 0 < lower * LOG_FROM_RATIO <= upper
    start, end = _surroundings(lower, upper, unit=unit, log=log)
    axis = Axis(start, end, 0, 100, log)
    band_from = 0.0 if lower is None else axis.place(lower)
    band_to = 100.0 if upper is None else axis.place(upper)
    return LimitBar(
        low=lower,
        high=upper,
        start=start,
        end=end,
        log=log,
        band_from=band_from,
        band_width=round(band_to - band_from, 2),
        words=limits_in_words(low, high, unit),
    )


def limits_in_words(low, high, unit: str = "") -> str:
    tail = f"\u00a0{unit}" if unit else ""
    has_low, has_high = low not in (None, ""), high not in (None, "")
    if has_low and has_high:
        return f"{readable(low)} to {readable(high)}{tail}"
    if has_low:
        return f"at least {readable(low)}{tail}"
    return f"at most {readable(high)}{tail}" if has_high else ""


def _limit(given) -> float | None:
    return None if given in (None, "") else float(exact(given))


def _surroundings(low: float | None, high: float | None, *, unit: str, log: bool) -> tuple[float, float]:
    """How far the bar reaches beyond the limits; percentages and amounts end where nature ends them."""
    limits = [limit for limit in (low, high) if limit is not None]
    least, most = min(limits), max(limits)
    if log:
        margin = (most / least) ** 0.35
        return least / margin, most * margin
    inward, outward = (1.5, 0.75) if len(limits) == 1 else (0.5, 0.5)
    length = most - least or abs(least) or 1
    start = least - length * (outward if low is not None else inward)
    end = most + length * (outward if high is not None else inward)
    if least >= 0:
        start = max(start, 0)
    if unit == "%" and least >= 0 and most <= 100:
        end = min(end, 100)
    return start, end
