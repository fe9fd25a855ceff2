"""Readers of settings: each takes a JSON value and the path to it, and gives the value or refuses.

A word that is not known is `unsupported`; a value of the wrong kind or outside its range is `bad_input`.
Nothing is ignored: a setting that a task does not have is refused.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from assays.kernel.status import Status, UnableToAnswer

Reader = Callable[[Any, str], Any]


def one_of(*words: str) -> Reader:
    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise bad(path, value, f"one of {', '.join(words)}")
        if value not in words:
            raise UnableToAnswer(Status.UNSUPPORTED, f"{path} is {value!r}; known are {', '.join(words)}.")
        return value

    return read


def exactly(constant: int) -> Reader:
    def read(value: Any, path: str) -> int:
        if value != constant or isinstance(value, bool):
            raise UnableToAnswer(Status.UNSUPPORTED, f"{path} is {value!r}; only {constant} is known.")
        return constant

    return read


def number(
    *, above: float | None = None, below: float | None = None, most: float | None = None
) -> Callable[[Any, str], float]:
    """A finite number, in the open interval (`above`, `below`), at most `most`."""

    def read(value: Any, path: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise bad(path, value, "a number")
        if above is not None and value <= above:
            raise bad(path, value, f"a number above {above:g}")
        if below is not None and value >= below:
            raise bad(path, value, f"a number below {below:g}")
        if most is not None and value > most:
            raise bad(path, value, f"a number of at most {most:g}")
        return value

    return read


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number beyond every double
        return False


share = number(above=0, below=1)  # confidence levels, alpha, coverage


def whole(*, least: int, most: int | None = None) -> Callable[[Any, str], int]:
    def read(value: Any, path: str) -> int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole or value < least or (most is not None and value > most):
            span = f"from {least} to {most}" if most is not None else f"of at least {least}"
            raise bad(path, value, f"a whole number {span}")
        return int(value)

    return read


def text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise bad(path, value, "a text")
    return value


def flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise bad(path, value, "true or false")
    return value


def list_of(read: Reader, *, length: int | None = None, unique: bool = False) -> Callable[[Any, str], list]:
    """A list that is not empty, of values that `read` reads; of `length` values, none twice, if so declared."""

    def read_list(value: Any, path: str) -> list:
        if not isinstance(value, list) or not value or (length is not None and len(value) != length):
            raise bad(path, value, f"a list of {length or 'at least one'}")
        items = [read(item, f"{path}[{index}]") for index, item in enumerate(value, start=1)]
        if unique and any(item in items[:index] for index, item in enumerate(items)):
            raise bad(path, value, "a list without repetition")
        return items

    return read_list


def some_of(*words: str) -> Callable[[Any, str], list]:
    return list_of(one_of(*words), unique=True)


def mapping_of(read: Reader, name: Reader = text) -> Callable[[Any, str], dict]:
    """An object from names to values that `read` reads; the names are read by `name`."""

    def read_mapping(value: Any, path: str) -> dict:
        if not isinstance(value, dict) or not value:
            raise bad(path, value, "an object of at least one")
        named = {name(key, path): read(item, f"{path}.{key}") for key, item in value.items()}
        if len(named) < len(value):
            raise bad(path, value, "an object whose names differ")
        return named

    return read_mapping


def fields(required: Mapping[str, Reader], optional: Mapping[str, Reader] | None = None) -> Reader:
    """An object of exactly these fields; one of `optional` that is not given is None."""
    known = {**required, **(optional or {})}

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise bad(path, value, "an object")
        for key in value:
            if key not in known:
                raise UnableToAnswer(Status.UNSUPPORTED, f"The setting {path}.{key} is not known.")
        for key in required:
            if key not in value:
                raise UnableToAnswer(Status.BAD_INPUT, f"The setting {path}.{key} is missing.")
        return {
            key: reader(value[key], f"{path}.{key}") if key in value else None
            for key, reader in known.items()
        }

    return read


def either(condition: Callable[[Any], bool], first: Reader, second: Reader) -> Reader:
    """`first` reads what meets the condition, `second` everything else."""
    return lambda value, path: first(value, path) if condition(value) else second(value, path)


def bad(path: str, value: Any, allowed: str) -> UnableToAnswer:
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return UnableToAnswer(Status.BAD_INPUT, f"{path} is {shown}; {allowed} is needed.")
