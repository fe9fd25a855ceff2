"""Rounding of reportable values: once, at the end, on the decimal digits people see.

Half up, away from zero: USP General Notices 7.20; European Pharmacopoeia, General Notices 1.4. Half to even,
where a method declares it: ASTM E29, absolute method. Python's `round` works on the binary value and half to
even: 0.015 becomes 0.01 there and 0.02 here.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

_PRECISION = 1000  # more digits than any value has; the default 28 would refuse a wide quantize


class Ties(StrEnum):
    """Where a value goes that lies exactly half way."""

    HALF_UP = "half_up"  # away from zero
    HALF_EVEN = "half_even"

    @property
    def mode(self) -> str:
        return ROUND_HALF_UP if self is Ties.HALF_UP else ROUND_HALF_EVEN


def as_decimal(value: Decimal | float | int) -> Decimal:
    """The shortest decimal that stands for the value: 0.1 is Decimal("0.1"), not its binary expansion.

    Raises ValueError for what is not finite.
    """
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} cannot be rounded; only a finite number can.")
    return number


def round_to_decimals(value: Decimal | float | int, decimals: int, ties: Ties = Ties.HALF_UP) -> Decimal:
    """To `decimals` places; a negative number of them rounds before the point. Zero has no sign.

    Raises ValueError for what is not finite.
    """
    step = Decimal(1).scaleb(-decimals)
    with localcontext(prec=_PRECISION):
        rounded = as_decimal(value).quantize(step, rounding=ties.mode)
    return rounded if rounded else rounded.copy_abs()


def round_to_significant(value: Decimal | float | int, digits: int, ties: Ties = Ties.HALF_UP) -> Decimal:
    """To `digits` significant digits, retained exactly: 9.996 to three is 10.0. Zero keeps as many: 0.00.

    Raises ValueError for what is not finite and for less than one digit.
    """
    if digits < 1:
        raise ValueError(f"{digits} significant digits were asked for; at least 1 is needed.")
    number = as_decimal(value)
    decimals = digits - 1 - (number.adjusted() if number else 0)
    rounded = round_to_decimals(number, decimals, ties)
    if rounded.adjusted() > number.adjusted() and number:  # 9.996 gained a digit: 10.00
        return round_to_decimals(rounded, decimals - 1, ties)
    return rounded


def decimals_of(limit: Decimal) -> int:
    """Digits after the point of a number as written: 1 for 98.0, 0 for 100."""
    return max(0, -int(limit.as_tuple().exponent))


def as_text(rounded: Decimal) -> str:
    """Exactly the retained digits; with an exponent only if the last stands left of the units: 1.00E+5."""
    return str(rounded) if int(rounded.as_tuple().exponent) > 0 else f"{rounded:f}"
