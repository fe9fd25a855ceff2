"""ISBT 128 identifiers: the chain-of-identity id (structure 040), the donation number (structure 001)
and their check character.

Ids issued under a facility number that ICCBBA has not assigned are provisional. The container suffix
of a scan (`&/CHA999926000042.BG2`: order A9999 26 000042, bag 2) is our own, internal to the facility:
ISBT 128 knows only the part before the full stop. A scan carries no check character, because the
symbol corrects its own errors; a person typing must give it.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

COI_DATA_IDENTIFIER = "&/"
DIN_DATA_IDENTIFIER = "="
CONTAINER_SEPARATOR = "."

# Flags of a donation number: 00 none, 01-19 ICCBBA, 20-59 local, 60-96 are 60 + the checksum.
CHECKSUM_FLAGS = range(60, 60 + len(ALPHABET))
FIRST_YEAR_OF_ISBT128 = 1994

_FACILITY = ("ABCDEFGHIJKLMNPQRSTUVWXYZ123456789", *["ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"] * 2)
_DIGITS = "0123456789"
_COI_SHAPE = ("C", "H", *_FACILITY, *[_DIGITS] * 4, *[ALPHABET[:36]] * 6)
_DIN_SHAPE = (*_FACILITY, *[_DIGITS] * 10)

_CONTAINER_CODE = re.compile(r"[A-Z]{2}[1-9][0-9]{0,2}")
_SYMBOLOGY_PREFIX = re.compile(r"\][A-Za-z][0-9]")
# Spaces and every dash that a keyboard, an e-mail or a word processor makes of one.
_TYPED_SPACING = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
# What &/ becomes between an American and a German (first two) or French keyboard layout.
_OTHER_LAYOUTS = ("/-", "^&", "7!", "1>")


class UnableToReadIdentifier(ValueError):
    """What was scanned or typed is not an identifier; the message says which character is wrong."""


class UnableToIssueIdentifier(ValueError):
    """An identifier cannot be formed from these parts."""


def check_sum(text: str) -> int:
    """ISO 7064 Mod 37,2: the value s in 0..36 for which the weighted sum of text and s is 1 mod 37."""
    weighted = 0
    for character in text:
        weighted = (2 * weighted + ALPHABET.index(character)) % 37
    return (1 - 2 * weighted) % 37


def check_character(text: str) -> str:
    """The character that stands beside the readable id. It is never part of the id or of the scan."""
    return ALPHABET[check_sum(text)]


@dataclass(frozen=True, slots=True)
class CoiId:
    """CH + facility number (5) + year (2) + serial (6): one course of therapy, from first collection on."""

    facility_number: str
    year: str
    serial: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read exactly the 15 characters of an id, as stored."""
        _require_shape(text, _COI_SHAPE, name="chain-of-identity id")
        return cls(facility_number=text[2:7], year=text[7:9], serial=text[9:])

    def __str__(self) -> str:
        return f"CH{self.facility_number}{self.year}{self.serial}"

    @property
    def check_character(self) -> str:
        return check_character(str(self))

    @property
    def payload(self) -> str:
        return f"{COI_DATA_IDENTIFIER}{self}"

    @property
    def readable(self) -> str:
        """As printed for eyes and fingers: `CH A9999 26 000042 K`."""
        return f"CH {self.facility_number} {self.year} {self.serial} {self.check_character}"


@dataclass(frozen=True, slots=True)
class ScannedIdentifier:
    """What a scanner or a person gave. Without `check_given` the text must come from a symbol."""

    coi_id: CoiId
    container_code: str | None
    check_given: bool


@dataclass(frozen=True, slots=True)
class DonationNumber:
    """A donation identification number (DIN) of the collecting facility, beside the chain of identity."""

    facility_number: str
    year: str
    serial: str
    flags: str = "00"

    def __str__(self) -> str:
        return f"{self.facility_number}{self.year}{self.serial}"

    @property
    def check_character(self) -> str:
        return check_character(str(self))


def issue(facility_number: str, year: int, serial: int) -> CoiId:
    """Form the id of the serial-th order of a year; that no serial is given twice is up to the caller."""
    if not 2000 <= year <= 2099:
        raise UnableToIssueIdentifier(f"Year {year} is not within 2000 to 2099.")
    if not 0 <= serial <= 999_999:
        raise UnableToIssueIdentifier(f"Serial {serial} is not within 0 to 999999.")
    try:
        return CoiId.parse(f"CH{facility_number}{year % 100:02d}{serial:06d}")
    except UnableToReadIdentifier as unreadable:
        raise UnableToIssueIdentifier(
            f"“{facility_number}” is not a facility number such as A9999: {unreadable}"
        ) from unreadable


def container_payload(coi_id: CoiId, container_code: str) -> str:
    """The text of a container's Data Matrix: one scan names the order and the container."""
    _require_container_code(container_code)
    return f"{coi_id.payload}{CONTAINER_SEPARATOR}{container_code}"


def parse(text: str) -> ScannedIdentifier:
    """Read a scan (`&/CHA999926000042`, `&/CHA999926000042.BG2`) or a typed id.

    Typed: the 15 characters, then the check character if given, then the container code if given
    (`ch a9999-26-000042 k bg2`). Spaces, dashes and lower case count only as handwriting there; a scan
    is taken literally.
    """
    text = text.strip()
    scanned = _SYMBOLOGY_PREFIX.sub("", text, count=1) if text.startswith("]") else text
    if scanned.startswith(COI_DATA_IDENTIFIER):
        return _parse_scanned(scanned)
    if scanned.startswith(_OTHER_LAYOUTS):
        raise UnableToReadIdentifier(
            f"“{text}” was typed by a scanner whose keyboard layout differs from this computer's, "
            "so letters may be exchanged. Set both to the same layout and scan again."
        )
    if scanned.startswith(DIN_DATA_IDENTIFIER):
        raise UnableToReadIdentifier(
            f"“{text}” is a donation number. Scan the code that carries the chain-of-identity id."
        )
    return _parse_typed(text)


def _parse_scanned(text: str) -> ScannedIdentifier:
    identifier, separator, code = text.removeprefix(COI_DATA_IDENTIFIER).partition(CONTAINER_SEPARATOR)
    coi_id = CoiId.parse(identifier)
    if separator:
        _require_container_code(code)
    return ScannedIdentifier(coi_id, code or None, check_given=False)


def _parse_typed(text: str) -> ScannedIdentifier:
    compact = _as_typed(text)
    size = len(_COI_SHAPE)
    identifier, rest = compact[:size], compact[size:]
    coi_id = CoiId.parse(identifier)
    check, rest = rest[:1], rest[1:].removeprefix(CONTAINER_SEPARATOR)
    if not check:
        return ScannedIdentifier(coi_id, None, check_given=False)
    _require_check_character(coi_id, check, text)
    if rest:
        _require_container_code(rest)
    return ScannedIdentifier(coi_id, rest or None, check_given=True)


def parse_donation_number(text: str, *, today: date) -> DonationNumber:
    """Read a scanned donation number (`=A99991712345600`) or a typed one (13 characters and its check).

    A year that has not come yet is refused: a check character written in front of its number instead of
    behind it passes the arithmetic and the shape, and mostly lands in the future.
    """
    text = text.strip()
    if text.startswith(DIN_DATA_IDENTIFIER):
        number = _parse_scanned_donation_number(text.removeprefix(DIN_DATA_IDENTIFIER))
    else:
        number = _parse_typed_donation_number(text)
    century = 1900 if int(number.year) >= FIRST_YEAR_OF_ISBT128 % 100 else 2000
    if century + int(number.year) > today.year:
        raise UnableToReadIdentifier(f"“{text}”: the year {century + int(number.year)} lies in the future.")
    return number


def _parse_scanned_donation_number(text: str) -> DonationNumber:
    _require_shape(text, (*_DIN_SHAPE, _DIGITS, _DIGITS), name="donation number with flags")
    number = DonationNumber(text[:5], text[5:7], text[7:13], flags=text[13:])
    flags = int(number.flags)
    if flags >= CHECKSUM_FLAGS.start and flags != CHECKSUM_FLAGS.start + check_sum(str(number)):
        raise UnableToReadIdentifier(
            f"“{text}”: the flags {number.flags} do not fit the number; "
            f"they should be {CHECKSUM_FLAGS.start + check_sum(str(number))}."
        )
    return number


def _parse_typed_donation_number(text: str) -> DonationNumber:
    compact = _as_typed(text)
    identifier, check = compact[: len(_DIN_SHAPE)], compact[len(_DIN_SHAPE) :]
    _require_shape(identifier, _DIN_SHAPE, name="donation number")
    number = DonationNumber(identifier[:5], identifier[5:7], identifier[7:])
    _require_check_character(number, check, text)
    return number


def _as_typed(text: str) -> str:
    compact = _TYPED_SPACING.sub("", text)
    # Upper-casing first would turn ı into I and ß into SS.
    for character in compact:
        if not character.isascii():
            raise UnableToReadIdentifier(f"“{text}” contains {character!r}, which no identifier contains.")
    return compact.upper()


def _require_shape(text: str, shape: tuple[str, ...], *, name: str) -> None:
    if len(text) != len(shape):
        raise UnableToReadIdentifier(
            f"“{text}” has {len(text)} characters; a {name} has {len(shape)} without its check character."
        )
    for position, (character, allowed) in enumerate(zip(text, shape, strict=True), start=1):
        if character not in allowed:
            raise UnableToReadIdentifier(
                f"“{text}”: {character!r} is not allowed as character {position} of a {name}; "
                f"{_describe(allowed)} is expected."
            )


def _describe(allowed: str) -> str:
    if len(allowed) == 1:
        return f"“{allowed}”"
    if allowed == _DIGITS:
        return "a digit"
    if "O" not in allowed:
        return "a capital letter other than O, or a digit" + ("" if "0" in allowed else " other than 0")
    return "a capital letter or a digit"


def _require_check_character(identifier: CoiId | DonationNumber, given: str, text: str) -> None:
    if not given:
        raise UnableToReadIdentifier(f"“{text}”: the check character after {identifier} is missing.")
    if given != identifier.check_character:
        raise UnableToReadIdentifier(
            f"“{text}”: “{given}” is not the check character of {identifier}. "
            "A character was mistyped or exchanged; compare with the label."
        )


def _require_container_code(code: str) -> None:
    if not _CONTAINER_CODE.fullmatch(code):
        raise UnableToReadIdentifier(
            f"“{code}” is not a container code: two capital letters and a number from 1 to 999, such as BG2."
        )
