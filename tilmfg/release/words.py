"""Limits, results and stages as people read them, on pages and certificates alike."""

from decimal import Decimal

from tilmfg.shell.numbers import readable

from .rules import Criterion, Kind

STAGES = {"in_process": "in process", "pre_freeze": "pre-freeze", "post_thaw": "post-thaw"}


def limit_in_words(criterion: Criterion) -> str:
    match criterion.kind:
        case Kind.MINIMUM:
            return f"≥ {readable(criterion.low)} {criterion.unit}"
        case Kind.MAXIMUM:
            return f"≤ {readable(criterion.high)} {criterion.unit}"
        case Kind.RANGE:
            return f"{readable(criterion.low)} to {readable(criterion.high)} {criterion.unit}"
    return criterion.text


def compared_in_words(compared: str, criterion: Criterion) -> str:
    """The value as it was held against its limit: rounded to the limit's digits, with its qualifier."""
    if criterion.kind is Kind.TEXT or not compared:
        return compared
    qualifier, _, number = compared.rpartition(" ")
    decimals = max(0, -criterion.resolution.as_tuple().exponent)
    return f"{qualifier} {readable(Decimal(number), decimals)}".lstrip()


def value_in_words(value: Decimal | None, unit: str = "", text: str = "", *, qualifier: str = "=") -> str:
    """A number with its unit, or the text that stands in its place."""
    if value is None:
        return text
    sign = "" if qualifier == "=" else f"{qualifier} "
    return f"{sign}{readable(value)} {unit}".rstrip()
