"""Numbers as people in the facility write them: 7.5 × 10⁹, 12 400, 0.62."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SCIENTIFIC_FROM = Decimal("1e6")
SCIENTIFIC_BELOW = Decimal("1e-3")
SCIENTIFIC_DIGITS = 4
FLOAT_DIGITS = 6
MOST_DIGITS = 17  # of a binary number
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)


def why_missing(value: object) -> str | None:
    """The words for a value that is not there, or None when there is a value."""
    if value is None or value == "":
        return "missing"
    reason = getattr(value, "reason", None)
    return f"missing: {reason}" if reason else None


def exact(value: object) -> Decimal:
    """The value as a decimal; a float as it prints, not as it is stored in binary."""
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is not a number.")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number.") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number; say why the value is missing instead.")
    return number


def scientific(value: object, digits: int | None = None) -> str:
    """7.5 × 10⁹. Shows what there is, up to four significant digits, or exactly `digits` of them."""
    if words := why_missing(value):
        return words
    number = exact(value)
    if not number:
        return "0"
    rounded = _to_significant(number, digits or SCIENTIFIC_DIGITS)
    exponent = rounded.adjusted()
    mantissa = rounded.scaleb(-exponent)
    shown = f"{mantissa:.{digits - 1}f}" if digits else _without_trailing_zeros(mantissa)
    power = str(exponent).translate(SUPERSCRIPTS)
    return f"{_signed(shown)}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}10{power}"


def plain(value: object, decimals: int | None = None) -> str:
    """12 400 or 0.62: never an exponent; grouped from five digits before the point."""
    if words := why_missing(value):
        return words
    number = exact(value)
    if decimals is not None:
        shown = f"{number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"
    elif isinstance(value, Decimal | int | str):
        shown = _without_trailing_zeros(number)
    else:
        shown = _without_trailing_zeros(_to_significant(number, FLOAT_DIGITS))
    whole, point, fraction = shown.partition(".")
    if len(whole.lstrip("-")) >= 5:
        whole = f"{int(whole):,}".replace(",", NARROW_SPACE)
    return _signed(whole + point + fraction)


def readable(value: object, decimals: int | None = None) -> str:
    """Plain where a person reads it at a glance, scientific where they would have to count zeros."""
    if words := why_missing(value):
        return words
    size = abs(exact(value))
    if size and (size >= SCIENTIFIC_FROM or size < SCIENTIFIC_BELOW):
        return scientific(value)
    return plain(value, decimals)


def beside(value: object, limit: str, decimals: int | None = None) -> str:
    """Readable, with as many digits more as it takes to stand on its own side of every number that the words of its
    limit hold: 20.04 beside “at most 20” is not 20.0."""
    if words := why_missing(value):
        return words
    number = exact(value)
    numbers = [Decimal(found) for found in NUMBERS.findall(limit)]

    def is_true(rounded: Decimal) -> bool:
        return all(rounded.compare(one) == number.compare(one) for one in numbers)

    is_scientific = number and not SCIENTIFIC_BELOW <= abs(number) < SCIENTIFIC_FROM
    if is_scientific or decimals is None:
        digits = SCIENTIFIC_DIGITS if is_scientific else FLOAT_DIGITS
        rounded = _to_significant(number, digits)
    else:
        rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        digits = max(len(rounded.as_tuple().digits), 1)
    if is_true(rounded):
        return readable(value, decimals)
    while digits < MOST_DIGITS and not is_true(rounded):
        digits += 1
        rounded = _to_significant(number, digits)
    return scientific(number, digits) if is_scientific else plain(rounded)


def decimals_for(value: object, spread: object = None) -> int:
    """So many that a value can be held against its spread, or has four digits where none is known; two at least."""
    size = abs(exact(spread or value))
    digits = 2 if spread else 4
    return min(max(2, digits - 1 - size.adjusted()), MOST_DIGITS) if size else 2


def compact(value: object) -> str:
    """Three digits for a crowded picture: 0.052, 2.71, 13k, 1.2M."""
    number = exact(value)
    for unit, size in (("G", Decimal("1e9")), ("M", Decimal("1e6")), ("k", Decimal("1e4"))):
        if abs(number) >= size:
            scale = Decimal("1e3") if unit == "k" else size
            return _signed(_without_trailing_zeros(_to_significant(number / scale, 2)) + unit)
    if abs(number) < 1:
        return _signed(f"{number.quantize(Decimal('0.001'), ROUND_HALF_UP):f}")
    return _signed(_without_trailing_zeros(_to_significant(number, 3)))


def _to_significant(number: Decimal, digits: int) -> Decimal:
    if not number:
        return number
    # Half up, as the pharmacopoeia rounds; the second pass catches 9.996 becoming 10.00.
    step = Decimal(1).scaleb(number.adjusted() - digits + 1)
    rounded = number.quantize(step, ROUND_HALF_UP)
    if rounded.adjusted() > number.adjusted():
        rounded = rounded.quantize(step.scaleb(1), ROUND_HALF_UP)
    return rounded


def _without_trailing_zeros(number: Decimal) -> str:
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _signed(shown: str) -> str:
    return shown.replace("-", "\u2212")
