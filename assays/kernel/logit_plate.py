"""A plate read by the logit-log line with declared blank and maximum, and printed the way a workbook prints.

    ln((y − blank)/(bmax − y)) = slope·ln(concentration) + intercept

by ordinary least squares over the single standard wells above 0. Limits and averages are decimal texts, so rounding
is exact and its ties are declared; `binary32` repeats a workbook that computes averages in single precision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from math import exp, log, sqrt

import numpy as np

from assays.kernel.lines import Line, fit_line
from assays.kernel.rounding import Ties, as_decimal, round_to_decimals, round_to_significant
from assays.kernel.status import Status, UnableToAnswer, Unanswered

BELOW_BLANK = "<<"
_PRECISION = 60


class Arithmetic(StrEnum):
    """In which numbers an average is computed."""

    DECIMAL = "decimal"
    BINARY32 = "binary32"


@dataclass(frozen=True, slots=True)
class LogitWell:
    """A standard has a concentration, an unknown a sample and a dilution."""

    position: str
    signal: float
    concentration: Decimal | None
    sample: str
    dilution: Decimal | None


@dataclass(frozen=True, slots=True)
class LimitFormat:
    """Significant digits of a limit that is printed, and where ties go."""

    significant: int
    ties: Ties


@dataclass(frozen=True, slots=True)
class Averaging:
    """How a sample's results become one: from `rounded` results or not, in table order or by dilution."""

    rounded: bool
    significant: int
    ties: Ties
    arithmetic: Arithmetic
    by_dilution: bool


@dataclass(frozen=True, slots=True)
class LogitReading:
    """`results` by well: a number, or a text `<…`, `>…` or `<<`; `averages` by sample."""

    blank: float
    line: Line
    correlation: float | Unanswered
    results: Mapping[str, float | str]
    averages: Mapping[str, float | str]

    @property
    def half_of_maximum(self) -> float:
        """The concentration at half of bmax, exp(−intercept/slope)."""
        return exp(-self.line.intercept / self.line.slope)


def read_logit_plate(
    wells: Sequence[LogitWell],
    *,
    blank: float | None,
    bmax: float,
    limits: LimitFormat,
    averaging: Averaging,
    round_significant: int | None = None,
) -> LogitReading:
    """`blank` None is the mean of the standards of 0. `round_significant` rounds the concentration for the two
    comparisons with the range only. Raises bad_input where a standard has no logit, a blank is missing, or an
    unknown has no dilution; not_estimable for a line without slope. Signals in any unit, results in that of the
    concentrations. Source: Rodbard & Lewald 1970 for the logit-log line.
    """
    standards = [(well, well.concentration) for well in wells if well.concentration is not None]
    zeros = [well.signal for well, concentration in standards if concentration == 0]
    if blank is None:
        if not zeros:
            raise UnableToAnswer(Status.BAD_INPUT, "there is no standard of 0 to take the blank from")
        blank = sum(zeros) / len(zeros)
    above = [(well, concentration) for well, concentration in standards if concentration > 0]
    if not above:
        raise UnableToAnswer(Status.BAD_INPUT, "there is no standard above 0")
    for well, _ in above:
        if not blank < well.signal < bmax:
            raise UnableToAnswer(
                Status.BAD_INPUT, f"the standard {well.position} does not lie between blank and maximum"
            )
    x = np.array([log(float(concentration)) for _, concentration in above])
    y = np.array([log((well.signal - blank) / (bmax - well.signal)) for well, _ in above])
    line = fit_line(x, y)
    if line.slope == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "the logit-log line is flat")
    read = _reader(
        line, blank, bmax, [concentration for _, concentration in above], limits, round_significant
    )
    unknowns = [well for well in wells if well.sample]
    results = {well.position: read(well) for well in unknowns}
    return LogitReading(
        blank=blank,
        line=line,
        correlation=_correlation(x, y),
        results=results,
        averages={
            name: _average([well for well in unknowns if well.sample == name], results, averaging)
            for name in dict.fromkeys(well.sample for well in unknowns)
        },
    )


def _correlation(x: np.ndarray, y: np.ndarray) -> float | Unanswered:
    dx, dy = x - x.mean(), y - y.mean()
    size = sqrt(float(dx @ dx) * float(dy @ dy))
    return float(dx @ dy) / size if size else Unanswered("the responses do not vary", Status.NOT_EVALUABLE)


def _reader(
    line: Line, blank: float, bmax: float, levels: list[Decimal], limits: LimitFormat, significant: int | None
) -> Callable[[LogitWell], float | str]:
    lowest, highest = min(levels), max(levels)

    def compared(concentration: float) -> Decimal:
        return (
            as_decimal(concentration)
            if significant is None
            else round_to_significant(concentration, significant)
        )

    def read(well: LogitWell) -> float | str:
        if well.dilution is None:
            raise UnableToAnswer(Status.BAD_INPUT, f"{well.position} has no dilution")
        if well.signal <= blank:
            return BELOW_BLANK
        if well.signal >= bmax:
            return ">" + _limit_text(highest * well.dilution, limits)
        concentration = exp((log((well.signal - blank) / (bmax - well.signal)) - line.intercept) / line.slope)
        if compared(concentration) < lowest:
            return "<" + _limit_text(lowest * well.dilution, limits)
        if compared(concentration) > highest:
            return ">" + _limit_text(highest * well.dilution, limits)
        return concentration * float(well.dilution)

    return read


def _limit_text(product: Decimal, limits: LimitFormat) -> str:
    """Declared significant digits, no exponent, no trailing zeros after the point."""
    text = f"{round_to_significant(product, limits.significant, limits.ties):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _average(wells: list[LogitWell], results: Mapping[str, float | str], how: Averaging) -> float | str:
    ordered = sorted(wells, key=lambda well: well.dilution or 0) if how.by_dilution else wells
    found = [results[well.position] for well in ordered]
    numbers = [value for value in found if not isinstance(value, str)]
    if not numbers:
        return _bound([value for value in found if isinstance(value, str)])
    exact = [round_to_significant(v, how.significant) if how.rounded else as_decimal(v) for v in numbers]
    if how.arithmetic is Arithmetic.BINARY32:
        return _single_precision_mean(exact, how)
    with localcontext(prec=_PRECISION):
        mean = sum(exact, Decimal(0)) / len(exact)
    return float(round_to_significant(mean, how.significant, how.ties))


def _bound(texts: list[str]) -> str:
    """The largest `>…`, else the smallest `<number`, else `<<`."""
    above = [text for text in texts if text.startswith(">")]
    if above:
        return max(above, key=lambda text: Decimal(text[1:]))
    below = [text for text in texts if text != BELOW_BLANK]
    return min(below, key=lambda text: Decimal(text[1:])) if below else BELOW_BLANK


def _single_precision_mean(values: list[Decimal], how: Averaging) -> float:
    """Every value, every step of the sum, mean and mean·10^k rounded to IEEE single precision.

    k is such that the wanted digits stand before the point; then ties as declared, then divided by 10^k.
    """
    total = np.float32(0)
    for value in values:
        total = np.float32(total + np.float32(float(value)))
    mean = np.float32(total / np.float32(len(values)))
    if mean == 0:
        return 0.0
    places = how.significant - 1 - Decimal(float(mean)).adjusted()
    scaled = np.float32(float(Decimal(float(mean)).scaleb(places)))
    return float(round_to_decimals(Decimal(float(scaled)), 0, how.ties).scaleb(-places))
