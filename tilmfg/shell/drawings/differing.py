"""Which characters of two identifiers differ, place by place."""

from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True)
class Character:
    text: str
    differs: bool
    starts_group: bool


@dataclass(frozen=True)
class Comparison:
    expected: list[Character]
    read: list[Character]
    words: str


def compare(expected: str, read: str) -> Comparison:
    pairs = list(zip_longest(expected, read))
    differing = [place for place, (left, right) in enumerate(pairs, start=1) if left != right]
    return Comparison(
        expected=_marked(pairs, 0),
        read=_marked(pairs, 1),
        words=_in_words(expected, read, differing),
    )


def _marked(pairs, side: int) -> list[Character]:
    return [
        Character(pair[side] or "\u2423", pair[0] != pair[1], place % 4 == 0)
        for place, pair in enumerate(pairs)
    ]


def _in_words(expected: str, read: str, differing: list[int]) -> str:
    if not differing:
        return "The two are the same."
    places = ", ".join(str(place) for place in differing[:-1])
    words = (
        f"Characters {places} and {differing[-1]} differ." if places else f"Character {differing[0]} differs."
    )
    if len(expected) == len(read):
        return words
    return f"Expected {len(expected)} characters, read {len(read)}. {words}"
