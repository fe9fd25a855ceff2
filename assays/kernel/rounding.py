"""Rounding of reportable values: once, at the end, half up, on the decimal digits people see.

Source: USP General Notices 7.20; European Pharmacopoeia, General Notices 1.4. Python's `round` works on
the binary value and half to even: 0.015 becomes 0.01 there and 0.02 here.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext

_PRECISION = 60  # more digits than any value has; the default 28 would refuse a wide quantize


def as_decimal(value: Decimal | float | int) -> Decimal:
    """The shortest decimal that stands for the value: 0.1 is Decimal("0.1"), not its binary expansion."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{value} cannot be rounded; only a finite number can.")
    return number


def round_to_decimals(value: Decimal | float | int, decimals: int) -> Decimal:
    """Half up (away from zero) to `decimals` places; a negative number rounds before the point."""
    step = Decimal(1).scaleb(-decimals)
    with localcontext(prec=_PRECISION):
        return as_decimal(value).quantize(step, rounding=ROUND_HALF_UP)


def round_to_significant(value: Decimal | float | int, digits: int) -> Decimal:
    """Half up to `digits` significant digits; zero stays zero."""
    if digits < 1:
        raise ValueError(f"{digits} significant digits were asked for; at least 1 is needed.")
    number = as_decimal(value)
    if number == 0:
        return Decimal(0)
    return round_to_decimals(number, digits - 1 - number.adjusted())
