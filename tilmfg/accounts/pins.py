"""Which PINs anybody would try first."""

import itertools

SHORTEST, LONGEST = 6, 12


def why_refused(pin: str) -> str:
    """A sentence, or nothing if the PIN will do."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST):
        return f"A PIN has {SHORTEST} to {LONGEST} digits and nothing else."
    if len(set(pin)) < 4:
        return "Use four different digits or more."
    if _is_a_run(pin):
        return "Digits in their order are what others try first."
    if _repeats(pin):
        return "The same digits again and again are what others try first."
    return ""


def _is_a_run(pin: str) -> bool:
    """123456, 987654, 246802: each digit as far from the one before."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(steps) == 1


def _repeats(pin: str) -> bool:
    """1234 1234, 907 907: all of it is its own beginning again."""
    return any(pin == (pin[:length] * len(pin))[: len(pin)] for length in range(1, len(pin) // 2 + 1))
