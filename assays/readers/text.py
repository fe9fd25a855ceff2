"""File bytes as text, and cells of text as numbers and times. Nothing is guessed: what does not have
exactly the expected form is not understood.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from assays.kernel.missing import Missing
from assays.readers.records import DayOnly, UnableToRead

LARGEST_FILE = 10 * 1024 * 1024
MADE_FOR_PEOPLE = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (RTF)"),
)
NUMBER = re.compile(r"[+-]?([0-9]{1,15}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?0{0,2}[0-9])?")
OWN_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EXAMPLE = datetime(2026, 11, 29, 15, 30)  # noqa: DTZ001 — shows a form
TIME_FORMATS = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S")


def require_content(filename: str, content: bytes) -> None:
    if not content.strip():
        raise UnableToRead(f"{filename} is empty.")
    if len(content) > LARGEST_FILE:
        raise UnableToRead(
            f"{filename} has {len(content):,} bytes; at most {LARGEST_FILE:,} are read. An export of one "
            "plate or one counting session is far smaller."
        )


def refuse_paper(filename: str, content: bytes) -> None:
    """What shows readings to people holds none that can be taken."""
    for beginning, what in MADE_FOR_PEOPLE:
        if content.startswith(beginning):
            raise UnableToRead(
                f"{filename} is {what} and no text file. Export the readings themselves from the instrument’s program: "
                "as text (CSV, TXT), as XML, or as one of the workbooks that are read."
            )


def decode(filename: str, content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or Windows-1252, lines ended by a line feed."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnableToRead(f"{filename} is no text file: its bytes are neither UTF-8, UTF-16 nor Windows-1252.")


def as_number(raw: str) -> Decimal | None:
    """The cell as written, or None. No thousands separators, no decimal comma, no NaN, no huge exponents."""
    return Decimal(raw) if NUMBER.fullmatch(raw) else None


def as_utc(raw: str, *, timezone: str, forms: Sequence[str] = TIME_FORMATS) -> datetime | Missing:
    """A wall-clock time of the instrument in UTC; Missing if it is no time, or not one single moment.

    Month before day, as the instruments write it, or year first. In the hour that a clock change repeats
    or leaves out, a wall clock does not say which moment it was. One that tells its own offset does.
    """
    if OWN_OFFSET.fullmatch(raw):
        return _moment_of_its_own(raw)
    naive = _parse(raw, forms)
    if naive is None:
        words = "month/day/year hour:minute" if forms is TIME_FORMATS else f"{_EXAMPLE:{forms[0]}}"
        return Missing(f"{raw!r} is no date and time of the form {words}")
    zone = ZoneInfo(timezone)
    first, second = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        return Missing(f"{raw} falls into the hour of a clock change in {timezone}")
    return first.astimezone(UTC)


def _moment_of_its_own(raw: str) -> datetime | Missing:
    try:
        return datetime.fromisoformat(raw).astimezone(UTC)
    except (ValueError, OverflowError):
        return Missing(f"{raw!r} is no date and time")


def day_only(begins: datetime, *, timezone: str, said: str) -> DayOnly:
    """The day that begins then, by the clock on the wall."""
    day = begins.astimezone(ZoneInfo(timezone))
    return DayOnly(f"{said}, {day:%-d %b %Y}", begins, (day + timedelta(days=1)).astimezone(UTC))


def _parse(raw: str, forms: Sequence[str]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(raw, form)  # noqa: DTZ007 — a wall clock; its zone is put on above
        except ValueError:
            continue
    return None
