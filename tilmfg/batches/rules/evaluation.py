"""From what was typed to what is recorded: every value of a step, held against its limits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .calculations import CALCULATIONS, Missing
from .process import Computed, Limits, Parameter, Step

LONGEST_TEXT = 200
LARGEST = Decimal("1e18")  # the column holds 24 digits, 6 of them decimals

Containers = Mapping[str, Sequence[str]]  # prefix → codes: {"BG": ["BG1", "BG2"]}


class UnacceptableValue(ValueError):
    """A typed value that cannot be recorded at all; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A parameter as it is asked for once: `bag_volume_ml[BG2]` for bag BG2."""

    code: str
    label: str
    parameter: Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a step: a number, or a text (also the reason why there is no number)."""

    code: str
    label: str
    unit: str
    value: Decimal | None
    text: str
    limits: Limits
    computed: bool
    stops: bool = False

    @property
    def within_limits(self) -> bool:
        if not self.limits:
            return True
        return self.value is not None and self.limits.hold(self.value)


def instances(item: Parameter | Computed, containers: Containers) -> list[tuple[str, str]]:
    """Code and label of a value, once or for each container that it is asked for."""
    if not item.per:
        return [(item.code, item.label)]
    return [(f"{item.code}[{code}]", f"{code} {item.label}") for code in containers.get(item.per, ())]


def wanted_entries(step: Step, containers: Containers) -> list[Entry]:
    """What a person must type for this step with these containers."""
    return [
        Entry(code=code, label=label, parameter=parameter)
        for parameter in step.parameters
        for code, label in instances(parameter, containers)
    ]


def evaluate(
    step: Step,
    *,
    typed: Mapping[str, Decimal | str],
    containers: Containers,
    earlier: Mapping[str, Decimal],
    minutes_since: Mapping[str, Decimal],
) -> tuple[Value, ...]:
    """All values of the step, typed ones first. `earlier` holds values of earlier steps as `step.code`."""
    entries = wanted_entries(step, containers)
    if unknown := sorted(set(typed) - {entry.code for entry in entries}):
        raise UnacceptableValue(unknown[0], f"{unknown[0]} is not asked for in this step.")
    values = [_typed_value(entry, typed.get(entry.code)) for entry in entries]
    known: dict[str, Decimal | Missing] = dict(earlier)
    known |= {f"count[{prefix}]": Decimal(len(codes)) for prefix, codes in containers.items()}
    known |= {f"minutes_since[{code}]": minutes for code, minutes in minutes_since.items()}
    known |= {value.code: value.value for value in values if value.value is not None}
    for computed in step.computed:
        for value in _computed_values(computed, known, containers):
            known[value.code] = Missing(value.text) if value.value is None else value.value
            values.append(value)
    return tuple(values)


def _typed_value(entry: Entry, typed: Decimal | str | None) -> Value:
    parameter = entry.parameter
    is_text = parameter.decimals is None
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        raise UnacceptableValue(entry.code, f"{entry.label} is missing.")
    if is_text != isinstance(typed, str):
        raise UnacceptableValue(
            entry.code, f"{entry.label}: a {'text' if is_text else 'number'} is expected, not {typed!r}."
        )
    if isinstance(typed, str) and len(typed.strip()) > LONGEST_TEXT:
        raise UnacceptableValue(entry.code, f"{entry.label} is longer than {LONGEST_TEXT} characters.")
    if isinstance(typed, Decimal):
        _require_recordable(entry, typed)
    return Value(
        code=entry.code,
        label=entry.label,
        unit=parameter.unit,
        value=typed if isinstance(typed, Decimal) else None,
        text=typed.strip() if isinstance(typed, str) else "",
        limits=parameter.limits,
        computed=False,
    )


def _require_recordable(entry: Entry, typed: Decimal) -> None:
    may_be_negative = entry.parameter.limits.low is not None and entry.parameter.limits.low < 0
    if not typed.is_finite() or abs(typed) >= LARGEST or (typed < 0 and not may_be_negative):
        raise UnacceptableValue(entry.code, f"{entry.label}: {typed} is no amount that can be recorded.")
    decimals = entry.parameter.decimals or 0
    if typed != typed.quantize(Decimal(1).scaleb(-decimals)):
        allowed = f"decimals are {decimals} at most" if decimals else "it is counted in whole numbers"
        raise UnacceptableValue(entry.code, f"{entry.label}: {typed} is too precise; {allowed}.")


def _computed_values(
    computed: Computed, known: Mapping[str, Decimal | Missing], containers: Containers
) -> Iterator[Value]:
    for code, label in instances(computed, containers):
        container = code.removeprefix(computed.code)  # "[BG2]" or nothing
        inputs = [value for name in computed.of for value in _inputs(name, container, known)]
        missing = next((value for value in inputs if isinstance(value, Missing)), None)
        outcome = missing or CALCULATIONS[computed.calculation](*inputs, **computed.constants)
        number = outcome if isinstance(outcome, Decimal) else None
        if number is not None and number >= LARGEST:
            raise UnacceptableValue(
                computed.of[0], f"{label} would be {number:.2E} {computed.unit}; check the units."
            )
        yield Value(
            code=code,
            label=label,
            unit=computed.unit,
            value=None if number is None else _rounded(number, computed.decimals),
            text=outcome.reason if isinstance(outcome, Missing) else "",
            limits=computed.limits,
            computed=True,
            stops=computed.stops,
        )


def _inputs(name: str, container: str, known: Mapping[str, Decimal | Missing]) -> list[Decimal | Missing]:
    """A value of the same container, of the step as a whole or, for a total, of each container."""
    if container and name + container in known:
        return [known[name + container]]
    if name in known:
        return [known[name]]
    of_each = [value for code, value in known.items() if code.startswith(f"{name}[")]
    return of_each or [Missing(f"{name} is missing")]


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
