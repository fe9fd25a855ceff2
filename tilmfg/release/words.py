"""Limits, results and stages as people read them, on pages and certificates alike."""

from decimal import Decimal

from tilmfg.shell.numbers import NO_BREAK_SPACE, SUPERSCRIPTS, plain, readable

from .rules import Criterion, Kind

STAGES = {"in_process": "in process", "pre_freeze": "pre-freeze", "post_thaw": "post-thaw"}


MILLION = Decimal("1e6")
THOUSANDS = 3


def limit_in_words(criterion: Criterion) -> str:
    match criterion.kind:
        case Kind.MINIMUM:
            return f"≥ {_as_written(criterion.low, criterion)} {criterion.unit}"
        case Kind.MAXIMUM:
            return f"≤ {_as_written(criterion.high, criterion)} {criterion.unit}"
        case Kind.RANGE:
            low, _, _ = _as_written(criterion.low, criterion).partition(NO_BREAK_SPACE)
            return f"{low} to {_as_written(criterion.high, criterion)} {criterion.unit}"
    return criterion.text


def compared_in_words(compared: str, criterion: Criterion) -> str:
    """The value as it was held against its limit: in the limit's digits, with its qualifier."""
    if criterion.kind is Kind.TEXT or not compared:
        return compared
    qualifier, _, number = compared.rpartition(" ")
    return f"{qualifier} {_as_written(Decimal(number), criterion)}".lstrip()


def _as_written(value: Decimal | None, criterion: Criterion) -> str:
    """Large numbers of one criterion share one power of ten, so that they can be compared at a glance."""
    if value is None:
        raise ValueError(f"{criterion.code} has no such limit.")
    decimals = max(0, -int(criterion.resolution.as_tuple().exponent))
    if criterion.resolution < MILLION:
        return readable(value, decimals)
    power = (criterion.resolution.adjusted() // THOUSANDS + 1) * THOUSANDS
    shown = plain(value.scaleb(-power), power - criterion.resolution.adjusted())
    return f"{shown}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}10{str(power).translate(SUPERSCRIPTS)}"


def value_in_words(value: Decimal | None, unit: str = "", text: str = "", *, qualifier: str = "=") -> str:
    """A number with its unit, or the text that stands in its place."""
    if value is None:
        return text
    sign = "" if qualifier == "=" else f"{qualifier} "
    return f"{sign}{readable(value)} {unit}".rstrip()
