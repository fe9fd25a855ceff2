"""What a method version says: its results and, for instruments, what it reads and how it is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from assays.attributes import ATTRIBUTES
from assays.kernel.fourpl import Weighting
from assays.kernel.ifng import Method as IfngMethod
from assays.kernel.replicates import Mean
from assays.readers import READABLE

STAGES = ("in_process", "pre_freeze", "post_thaw")
QUALIFIERS = ("=", "<", ">")
INSTRUMENTS = {"plate": "plate_reader", "cell_count": "cell_counter"}
CONTENT = {
    "form": {"results"},
    "cell_count": {"results", "formats", "instrument"},
    "plate": {"results", "formats", "instrument", "reads", "plate"},
}
CHOICES = {"weighting": Weighting, "combination": Mean}


class UnableToReadMethod(ValueError):
    """The content is no method's; the message names the part, what stands there and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One result of a method: a number with unit and decimals, or one of a few texts."""

    attribute: str
    stages: tuple[str, ...]
    unit: str = ""
    decimals: int = 0
    texts: tuple[str, ...] = ()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodVersion:
    results: tuple[Reported, ...]
    formats: tuple[str, ...] = ()
    instrument: str = ""
    signal: str = ""
    reference: str = ""
    plate: IfngMethod | None = None

    def results_at(self, stage: str) -> tuple[Reported, ...]:
        return tuple(result for result in self.results if stage in result.stages)

    def result(self, attribute: str) -> Reported:
        return next(result for result in self.results if result.attribute == attribute)

    @property
    def reads(self) -> str:
        return f"{self.signal} − {self.reference} nm" if self.reference else f"{self.signal} nm"


def read_method(kind: str, content: Mapping[str, Any]) -> MethodVersion:
    """Raises UnableToReadMethod."""
    _require_keys("content", content, exactly=CONTENT[kind])
    results = tuple(_reported(result) for result in content["results"])
    if not results:
        raise UnableToReadMethod("results: at least one is needed.")
    if kind == "form":
        return MethodVersion(results=results)
    formats = tuple(content["formats"])
    for name in formats:
        _require_among("formats", name, READABLE)
    _require_among("instrument", content["instrument"], (INSTRUMENTS[kind],))
    if kind == "cell_count":
        return MethodVersion(results=results, formats=formats, instrument=content["instrument"])
    _require_keys("reads", content["reads"], exactly={"signal", "reference"})
    plate = _plate(content["plate"], decimals=results[0].decimals)
    if [result.attribute for result in results] != ["ifng_net"] or results[0].unit != plate.unit:
        raise UnableToReadMethod(f"results: a plate method reports ifng_net in {plate.unit}.")
    return MethodVersion(
        results=results,
        formats=formats,
        instrument=content["instrument"],
        signal=content["reads"]["signal"],
        reference=content["reads"]["reference"],
        plate=plate,
    )


def _reported(content: Mapping[str, Any]) -> Reported:
    allowed = {field.name for field in fields(Reported)}
    _require_keys("results", content, among=allowed)
    _require_among("attribute", content.get("attribute", ""), ATTRIBUTES)
    attribute = content["attribute"]
    if not content.get("stages"):
        raise UnableToReadMethod(f"{attribute}: stages are missing; allowed: {', '.join(STAGES)}.")
    for stage in content["stages"]:
        _require_among(f"{attribute}: stage", stage, STAGES)
    for qualifier in content.get("qualifiers", ()):
        _require_among(f"{attribute}: qualifier", qualifier, QUALIFIERS)
    unit = content.get("unit", "")
    if unit != ATTRIBUTES[attribute].unit:
        raise UnableToReadMethod(
            f"{attribute}: the unit is “{unit}”; allowed: “{ATTRIBUTES[attribute].unit}”."
        )
    if bool(unit) == bool(content.get("texts")):
        raise UnableToReadMethod(f"{attribute}: either a unit or the texts that are allowed, not both.")
    decimals = content.get("decimals", 0)
    if not isinstance(decimals, int) or not 0 <= decimals <= 6:
        raise UnableToReadMethod(f"{attribute}: {decimals} decimals; allowed: 0 to 6.")
    return Reported(
        attribute=attribute,
        stages=tuple(content["stages"]),
        unit=unit,
        decimals=decimals,
        texts=tuple(content.get("texts", ())),
        qualifiers=tuple(content.get("qualifiers", ("=",))),
        minimum=_decimal(f"{attribute}: minimum", content.get("minimum")),
        maximum=_decimal(f"{attribute}: maximum", content.get("maximum")),
    )


def _plate(content: Mapping[str, Any], *, decimals: int) -> IfngMethod:
    given = {"decimals", "normalisation"}  # decimals are said by the result; net is per mL
    _require_keys("plate", content, among={field.name for field in fields(IfngMethod)} - given)
    values: dict[str, Any] = {}
    for name, value in content.items():
        if name in CHOICES:
            _require_among(f"plate: {name}", value, [choice.value for choice in CHOICES[name]])
            values[name] = CHOICES[name](value)
        else:
            values[name] = value if name == "minimum_levels" else _decimal(f"plate: {name}", value)
    return IfngMethod(**values, decimals=decimals)


def _decimal(name: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise UnableToReadMethod(f"{name}: “{value}” is no number.") from None


def _require_among(name: str, value: Any, allowed) -> None:
    if value not in allowed:
        raise UnableToReadMethod(f"{name}: “{value}” is not known; allowed: {', '.join(allowed)}.")


def _require_keys(name: str, content: Mapping[str, Any], *, exactly=None, among=None) -> None:
    allowed = exactly or among
    if unknown := set(content) - allowed:
        raise UnableToReadMethod(
            f"{name}: “{min(unknown)}” is not known; allowed: {', '.join(sorted(allowed))}."
        )
    if exactly and (missing := exactly - set(content)):
        raise UnableToReadMethod(f"{name}: “{min(missing)}” is missing.")
