"""Validity criteria with one limit or two; what is missing passes none."""

from decimal import Decimal

from assays.kernel.ifng import Criterion
from assays.kernel.missing import Missing

MOST_DECIMALS = 16
Found = float | Decimal | Missing


def at_most(name: str, value: Found, limit: Decimal, unit: str = "") -> Criterion:
    return _criterion(
        name, value, unit, f"≤ {limit}", passed=not isinstance(value, Missing) and value <= limit
    )


def at_least(name: str, value: Found, limit: Decimal, unit: str = "") -> Criterion:
    return _criterion(
        name, value, unit, f"≥ {limit}", passed=not isinstance(value, Missing) and value >= limit
    )


def between(name: str, value: Found, low: Decimal, high: Decimal, unit: str = "") -> Criterion:
    passed = not isinstance(value, Missing) and low <= value <= high
    return _criterion(name, value, unit, f"{low} to {high}", passed=passed)


def figure(value: float, decimals: int, *limits: Decimal) -> str:
    """With so many decimals, and more where it would else seem to lie on a limit or on its other side."""
    exact = Decimal(repr(float(value)))
    shown = [f"{value:.{places}f}" for places in range(decimals, MOST_DECIMALS)]
    told = (
        text
        for text in shown
        if [Decimal(text).compare(one) for one in limits] == [exact.compare(one) for one in limits]
    )
    return next(told, shown[-1])


def _criterion(name: str, value: Found, unit: str, limit: str, *, passed: bool) -> Criterion:
    shown = float(value) if isinstance(value, Decimal) else value
    return Criterion(name=name, value=shown, unit=unit, limit=f"{limit} {unit}".strip(), passed=passed)
