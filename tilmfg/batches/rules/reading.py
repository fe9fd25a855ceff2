"""Reading a plain dict strictly: each error names the place, nothing unknown passes."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

T = TypeVar("T")


class DefinitionIsInvalid(ValueError):
    """The content is no process definition; the message names the place in it."""


class Reader:
    """One JSON object at `path`. Ask for each key, then call `end`."""

    def __init__(self, content: object, path: str) -> None:
        if not isinstance(content, Mapping):
            raise DefinitionIsInvalid(f"{path}: an object is expected, not {content!r}.")
        self.content, self.path, self.asked = content, path, set[str]()

    def _get(self, key: str) -> object:
        self.asked.add(key)
        return self.content.get(key)

    def refuse(self, key: str, message: str) -> DefinitionIsInvalid:
        return DefinitionIsInvalid(f"{self.path}.{key}: {message}")

    def text(self, key: str, *, otherwise: str | None = None) -> str:
        value = self._get(key)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"a text is expected, not {value!r}.")
        return value

    def whole(self, key: str, *, otherwise: int | None = None) -> int:
        value = self._get(key)
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(key, f"a whole number is expected, not {value!r}.")
        return value

    def decimal(self, key: str) -> Decimal | None:
        """Written as a text ("5e6") or a whole number, because a float is not exactly what was written."""
        value = self._get(key)
        if value is None:
            return None
        try:
            number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise self.refuse(key, f'a number is expected, written like "0.7" or 5, not {value!r}.')
        return number

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if value not in (None, True, False):
            raise self.refuse(key, f"true or false is expected, not {value!r}.")
        return bool(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.refuse(key, f"a list of texts is expected, not {value!r}.")
        return tuple(value)

    def numbers(self, key: str) -> dict[str, Decimal]:
        inner = Reader(self._get(key) or {}, f"{self.path}.{key}")
        return {name: number for name in inner.content if (number := inner.decimal(name)) is not None}

    def each(self, key: str, parse: Callable[["Reader"], T]) -> tuple[T, ...]:
        value = self._get(key) or ()
        if not isinstance(value, list | tuple):
            raise self.refuse(key, f"a list is expected, not {value!r}.")
        path = f"{self.path}.{key}"
        return tuple(self._one(item, f"{path}[{place}]", parse) for place, item in enumerate(value))

    def one(self, key: str, parse: Callable[["Reader"], T]) -> T:
        return self._one(self._get(key), f"{self.path}.{key}", parse)

    @staticmethod
    def _one(content: object, path: str, parse: Callable[["Reader"], T]) -> T:
        reader = Reader(content, path)
        parsed = parse(reader)
        reader.end()
        return parsed

    def end(self) -> None:
        if unknown := sorted(set(self.content) - self.asked):
            raise DefinitionIsInvalid(f"{self.path}: {', '.join(unknown)} is not known here.")
