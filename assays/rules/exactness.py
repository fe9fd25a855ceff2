"""Whether two outcomes are the same to the last bit, and if not, where."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place, like samples[0].net.raw, with what was stored and what is found now."""

    path: str
    stored: str
    found: str

    def __str__(self) -> str:
        return f"{self.path}: {self.stored} then, {self.found} now"


def differences(stored: Any, found: Any) -> list[Difference]:
    """Numbers by value, exactly; `found` is taken through JSON as what is stored was."""
    return list(_compare("", stored, json.loads(json.dumps(found))))


def _compare(path: str, stored: Any, found: Any) -> Iterator[Difference]:
    if isinstance(stored, Mapping) and isinstance(found, Mapping):
        for name in sorted(stored.keys() | found.keys()):
            inner = f"{path}.{name}" if path else name
            yield from _compare(inner, stored.get(name, NOTHING), found.get(name, NOTHING))
    elif isinstance(stored, list) and isinstance(found, list):
        for number in range(max(len(stored), len(found))):
            pair = [side[number] if number < len(side) else NOTHING for side in (stored, found)]
            yield from _compare(f"{path}[{number}]", *pair)
    elif isinstance(stored, bool) is not isinstance(found, bool) or stored != found:
        yield Difference(path, _shown(stored), _shown(found))


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:200]
