"""What a chain is called and where it opens; the rooms above say it for the chains that are theirs."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class NamedChain:
    """Its name in words, and its page if it has one."""

    name: str
    url: str = ""


_namers: dict[str, Callable[[list[int]], dict[int, NamedChain]]] = {}


def names_chains(word: str):
    """Register a function that names chains `<word>:<id>`, many ids at a time."""

    def register(function: Callable[[list[int]], dict[int, NamedChain]]):
        _namers[word] = function
        return function

    return register


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
