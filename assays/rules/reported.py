"""One result of a method: what it is called, its unit, how it is rounded, what is possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from assays.attributes import ATTRIBUTES
from assays.kernel.rounding import decimals_of, round_to_decimals, round_to_significant

from .refusals import UnableToReadMethod, decimal_of, require_among, require_keys, whole_of

STAGES = ("in_process", "pre_freeze", "post_thaw")
QUALIFIERS = ("=", "<", ">")
LARGEST_DECIMALS = 6  # of the column that keeps a result
LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One result of a method: a number with unit and rounding, or one of a few texts."""

    attribute: str
    stages: tuple[str, ...]
    unit: str = ""
    decimals: int = 0
    significant: int | None = None  # digits; if given, they and not the decimals say where to round
    texts: tuple[str, ...] = ()
    days: Mapping[str, int] = field(default_factory=dict)  # text → days after the sampling before it is known
    second_reading: bool = False  # another analyst reads it too, without seeing the first reading
    qualifiers: tuple[str, ...] = ("=",)
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def refusal_of(self, value: Decimal) -> str:
        """Why the number cannot be a value of this attribute, or nothing."""
        if self.minimum is not None and value < self.minimum:
            return f"{value:f} {self.unit} is below the smallest possible value, {self.minimum:f}."
        if self.maximum is not None and value > self.maximum:
            return f"{value:f} {self.unit} is above the largest possible value, {self.maximum:f}."
        return ""

    def rounded(self, raw: Decimal) -> Decimal:
        """The reportable value: rounded once, half up (USP General Notices 7.20)."""
        if self.significant is None:
            return round_to_decimals(raw, self.decimals)
        rounded = round_to_significant(raw, self.significant)
        # A number of 0.000123 to three digits would need more places than are kept.
        return min(rounded, round_to_decimals(raw, LARGEST_DECIMALS), key=decimals_of)


def read_reported(content: Mapping[str, Any]) -> Reported:
    """Raises UnableToReadMethod."""
    require_keys("results", content, allowed={part.name for part in fields(Reported)})
    require_among("attribute", content.get("attribute", ""), ATTRIBUTES)
    attribute = content["attribute"]
    if not content.get("stages"):
        raise UnableToReadMethod(f"{attribute}: stages are missing; allowed: {', '.join(STAGES)}.")
    for stage in content["stages"]:
        require_among(f"{attribute}: stage", stage, STAGES)
    for qualifier in content.get("qualifiers", ()):
        require_among(f"{attribute}: qualifier", qualifier, QUALIFIERS)
    unit = content.get("unit", "")
    if unit != ATTRIBUTES[attribute].unit:
        raise UnableToReadMethod(
            f"{attribute}: the unit is “{unit}”; allowed: “{ATTRIBUTES[attribute].unit}”."
        )
    if bool(unit) == bool(content.get("texts")):
        raise UnableToReadMethod(f"{attribute}: either a unit or the texts that are allowed, not both.")
    second_reading = content.get("second_reading", False)
    if type(second_reading) is not bool or (second_reading and unit):
        raise UnableToReadMethod(f"{attribute}: second_reading is true or false, and true of texts alone.")
    decimals = content.get("decimals", 0)
    if not isinstance(decimals, int) or not 0 <= decimals <= LARGEST_DECIMALS:
        raise UnableToReadMethod(f"{attribute}: {decimals} decimals; allowed: 0 to {LARGEST_DECIMALS}.")
    return Reported(
        attribute=attribute,
        stages=tuple(content["stages"]),
        unit=unit,
        decimals=decimals,
        significant=_significant(attribute, content),
        texts=tuple(content.get("texts", ())),
        days=_days(attribute, content),
        second_reading=second_reading,
        qualifiers=tuple(content.get("qualifiers", ("=",))),
        minimum=_bound(f"{attribute}: minimum", content.get("minimum")),
        maximum=_bound(f"{attribute}: maximum", content.get("maximum")),
    )


def _significant(attribute: str, content: Mapping[str, Any]) -> int | None:
    digits = content.get("significant")
    if digits is None:
        return None
    if "decimals" in content:
        raise UnableToReadMethod(f"{attribute}: rounded either to decimals or to significant digits.")
    return whole_of(f"{attribute}: significant", digits, minimum=1, maximum=LARGEST_DIGITS)


def _days(attribute: str, content: Mapping[str, Any]) -> dict[str, int]:
    """A culture without growth is told after its days; growth is told when it is seen."""
    days = content.get("days", {})
    require_keys(f"{attribute}: days", days, allowed=set(content.get("texts", ())))
    return {
        text: whole_of(f"{attribute}: days, {text}", number, minimum=1, maximum=365)
        for text, number in days.items()
    }


def _bound(name: str, value: Any) -> Decimal | None:
    return None if value is None else decimal_of(name, value)
