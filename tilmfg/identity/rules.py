"""Pure decisions about identifiers, codes and times."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from . import isbt128
from .isbt128 import ScannedIdentifier, UnableToReadIdentifier

CODE_PREFIXES = {"tumor_bottle": "TB", "flask": "FL", "bag": "BG", "cryobag": "CB", "vial": "QC"}

# What is recorded longer after it was performed is a late entry and says why.
LATE_AFTER = timedelta(minutes=15)

_LOT_NUMBER = re.compile(r"TIL-\d{4}-\d{4,}", re.IGNORECASE | re.ASCII)
_SCANNED = re.compile(r"\]..|&/")
_PROGRAMS_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


def next_codes(kind: str, taken: Iterable[str], count: int) -> list[str]:
    """The next running codes of a kind in an order: FL3, FL4 after FL1 and FL2."""
    prefix = CODE_PREFIXES[kind]
    numbers = [int(code.removeprefix(prefix)) for code in taken if code.startswith(prefix)]
    first = max(numbers, default=0) + 1
    return [f"{prefix}{number}" for number in range(first, first + count)]


def is_lot_number(text: str) -> bool:
    """Whether a whole lot number was typed, which an index finds; a part of one is looked for everywhere."""
    return _LOT_NUMBER.fullmatch(text) is not None


def is_late(performed_at: datetime, *, now: datetime) -> bool:
    return now - performed_at > LATE_AFTER


def read_identifier(text: str) -> ScannedIdentifier:
    """What a scanner read or a person typed; typed without its check character it is refused."""
    identifier = isbt128.parse(text)
    if not identifier.check_given and not _SCANNED.match(text.strip()):
        raise UnableToReadIdentifier(
            f"“{text.strip()}” was typed without its check character; type the framed character behind it too."
        )
    return identifier


def compare(expected: str, read: str) -> bool:
    """Whether what was read is what was expected.

    Where only the order is expected, any container of it will do. Where a container is expected, the order alone
    names too little, and is refused rather than taken for a wrong label.
    """
    wanted, got = isbt128.parse(expected), read_identifier(read)
    if wanted.coi_id != got.coi_id:
        return False
    if wanted.container_code and not got.container_code:
        raise UnableToReadIdentifier(
            f"“{read.strip()}” names the order but no container. Scan the label on the container itself."
        )
    return wanted.container_code in (None, got.container_code)


def names_another_order(expected: str, read: str) -> bool:
    """Whether a label of another order was read; what cannot be read says nothing about whose it is."""
    try:
        return isbt128.parse(expected).coi_id != read_identifier(read).coi_id
    except UnableToReadIdentifier:
        return False


def in_words(text: str) -> str:
    """A program's name as people say it: `batches.step.rep_start` is the step rep start; other text stays."""
    if not _PROGRAMS_NAME.fullmatch(text):
        return text
    return (text.partition(".")[2] or text).replace(".", " ").replace("_", " ")
