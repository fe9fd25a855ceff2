"""What a chain is called, where it opens and how people ask for it; rooms above say it for chains of theirs.

And whose turn it is to write to it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class NamedChain:
    """Its name in words, and its page if it has one."""

    name: str
    url: str = ""


_namers: dict[str, Callable[[list[int]], dict[int, NamedChain]]] = {}
_finders: list[Callable[[str], str | None]] = []


def names_chains(word: str):
    """Register a function that names chains `<word>:<id>`, many ids at a time."""

    def register(function: Callable[[list[int]], dict[int, NamedChain]]):
        _namers[word] = function
        return function

    return register


def finds_chains(function: Callable[[str], str | None]):
    """Register a function that knows the chain by what people call its subject."""
    _finders.append(function)
    return function


def name_chains(chains: Iterable[str]) -> dict[str, NamedChain]:
    """Each chain by its name; one that nobody names is called what it is."""
    named = {chain: NamedChain(chain) for chain in chains}
    ids = defaultdict(list)
    for chain in named:
        word, _, identifier = chain.partition(":")
        if word in _namers and identifier.isdecimal():
            ids[word].append(int(identifier))
    for word, wanted in ids.items():
        named |= {f"{word}:{identifier}": name for identifier, name in _namers[word](wanted).items()}
    return named


def find_chain(text: str) -> str | None:
    """`facility:accounts` is itself; `TIL-2026-0042` is the chain of that order."""
    if ":" in text:
        return text
    return next((chain for finder in _finders if (chain := finder(text))), None)


def take_turns(chains: Iterable[str]) -> None:
    """Before the first write of a transaction that writes to these: no two that do so wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.take_turns(%s)", [list(chains)])
