"""The settings of a calculation, declared once: checked when a method is drafted, drawn as a form by its editor.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Settings:
        weighting: Weighting = setting("Weighting", default=Weighting.ONE_OVER_Y2)
        cv_limit_percent: Decimal = setting("Replicate CV at most", unit="%", default=Decimal(20), minimum=0)

Decimal, int, bool, str, AttributeCode, a StrEnum, tuple[str, …], or a tuple of another class of settings; `| None` for
what may be left open. In a method's content a number is a JSON text ("0.2"), so that it is kept as it was written.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from assays.attributes import ATTRIBUTES
from assays.kernel.plain import to_plain
from assays.rules.refusals import UnableToReadMethod, decimal_of, require_among, require_keys

AttributeCode = NewType("AttributeCode", str)
S = TypeVar("S")


class Kind(Enum):
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes_no"
    WORDS = "words"
    CHOICE = "choice"
    ATTRIBUTE = "attribute"  # what is measured, by its code
    NAMES = "names"  # a list of texts
    ROWS = "rows"  # a list of settings of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as a form draws it. `initial` is its default in the form of a content, None if it has none."""

    name: str
    kind: Kind
    label: str
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    is_required: bool = False
    is_optional: bool = False  # may be left open
    initial: Any = None
    rows: tuple["Setting", ...] = ()
    type: Any = None


def setting(
    label: str,
    *,
    default: Any = MISSING,
    unit: str = "",
    help: str = "",
    minimum: int | str | None = None,
    maximum: int | str | None = None,
) -> Any:
    """A field of a class of settings; without a default a method must say it."""
    metadata = {"label": label, "unit": unit, "help": help, "minimum": minimum, "maximum": maximum}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def percent(label: str, *, default: int, maximum: int | None = None) -> Any:
    return setting(label, unit="%", default=Decimal(default), minimum=0, maximum=maximum)


def settings_of(declared: type) -> tuple[Setting, ...]:
    """What a class of settings declares, in its order."""
    types = get_type_hints(declared)
    return tuple(_setting(item, types[item.name]) for item in fields(declared))


def read_settings(declared: type[S], content: Mapping[str, Any], *, name: str = "settings") -> S:
    """The settings that stand in a content. Raises UnableToReadMethod naming the one that is wrong."""
    known = settings_of(declared)
    require_keys(
        name,
        content,
        needed={item.name for item in known if item.is_required},
        allowed={item.name for item in known},
    )
    values = {
        item.name: _value(item, content[item.name], f"{name}: {item.name}")
        for item in known
        if item.name in content
    }
    try:
        return declared(**values)
    except ValueError as refusal:  # what a class says of several of its settings together
        raise UnableToReadMethod(f"{name}: {refusal}") from refusal


def _setting(item: Any, hint: Any) -> Setting:
    allowed = [part for part in _parts(hint) if part is not NoneType]
    kind, choices, rows = _kind(allowed[0])
    said = item.metadata
    return Setting(
        name=item.name,
        kind=kind,
        label=said["label"],
        unit=said["unit"],
        help=said["help"],
        choices=choices,
        minimum=None if said["minimum"] is None else Decimal(said["minimum"]),
        maximum=None if said["maximum"] is None else Decimal(said["maximum"]),
        is_required=item.default is MISSING,
        is_optional=NoneType in _parts(hint),
        initial=None if item.default is MISSING else to_plain(item.default),
        rows=rows,
        type=allowed[0],
    )


def _parts(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _kind(hint: Any) -> tuple[Kind, tuple[str, ...], tuple[Setting, ...]]:
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return (Kind.NAMES, (), ()) if inner is str else (Kind.ROWS, (), settings_of(inner))
    if hint is AttributeCode:
        return Kind.ATTRIBUTE, (), ()
    if issubclass(hint, StrEnum):
        return Kind.CHOICE, tuple(choice.value for choice in hint), ()
    simple = {Decimal: Kind.NUMBER, int: Kind.WHOLE, bool: Kind.YES_NO, str: Kind.WORDS}
    return simple[hint], (), ()


def _value(item: Setting, value: Any, name: str) -> Any:
    if value is None and item.is_optional:
        return None
    match item.kind:
        case Kind.NUMBER:
            return _bounded(item, decimal_of(name, value), name)
        case Kind.WHOLE | Kind.YES_NO:
            if type(value) is not item.type:
                allowed = "a whole number" if item.type is int else "true or false"
                raise UnableToReadMethod(f"{name}: “{value}”; allowed: {allowed}.")
            return _bounded(item, value, name)
        case Kind.WORDS:
            return _words(item, value, name)
        case Kind.CHOICE:
            require_among(name, value, item.choices)
            return item.type(value)
        case Kind.ATTRIBUTE:
            require_among(name, value, ATTRIBUTES)
            return value
        case Kind.NAMES:
            return tuple(_words(item, text, name) for text in _listed(value, name))
        case Kind.ROWS:
            return _rows(get_args(item.type)[0], value, name)


def _rows(declared: type, value: Any, name: str) -> tuple[Any, ...]:
    return tuple(
        read_settings(declared, row, name=f"{name} {number}")
        for number, row in enumerate(_listed(value, name), start=1)
    )


def _bounded(item: Setting, number: Any, name: str) -> Any:
    if item.minimum is not None and number < item.minimum:
        raise UnableToReadMethod(f"{name}: {number} is below {item.minimum}.")
    if item.maximum is not None and number > item.maximum:
        raise UnableToReadMethod(f"{name}: {number} is above {item.maximum}.")
    return number


def _words(item: Setting, value: Any, name: str) -> str:
    if not isinstance(value, str) or (item.is_required and not value.strip()):
        raise UnableToReadMethod(f"{name}: “{value}”; a text is needed.")
    return value.strip()


def _listed(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise UnableToReadMethod(f"{name}: “{value}” is no list.")
    return list(value)
