"""The list of requirements in docs/requirements.md, as data."""

import re
from dataclasses import dataclass
from pathlib import Path

ROW = re.compile(r"\| (?P<id>[A-Z0-9]+-\d+) \| (?P<title>[^|]+) \| (?P<shown>[^|]+) \|")
ID = re.compile(r"\b(?:P11|A11|A22|ALC|MHRA|GAMP|CSA|AUD|COI|FHIR|SEC|REL|PD)-\d{1,2}\b")
TEST = re.compile(r"`(tests/[^`]+)`")
OPEN = re.compile(r"open — (?P<room>[a-z.]+)(?:: (?P<rest>[^|]+))?")


@dataclass(frozen=True, slots=True)
class Requirement:
    """Shown by tests, or open because it rests on a room that is not deepened yet; or in part, and `rest` is open."""

    id: str
    title: str
    tests: tuple[str, ...]
    room: str
    rest: str = ""

    @property
    def is_open(self) -> bool:
        return not self.tests


class UnableToRead(ValueError):
    """A row of the list is not what it should be."""


def read(path: Path) -> list[Requirement]:
    return [_read(row) for row in ROW.finditer(path.read_text())]


def _read(row: re.Match[str]) -> Requirement:
    tests, left = tuple(TEST.findall(row["shown"])), OPEN.search(row["shown"])
    rest = (left["rest"] or "").strip() if left else ""
    if (not tests and not left) or (tests and left and not rest):
        raise UnableToRead(
            f"{row['id']}: give its tests, or “open — room”, or both and after a colon what is open;"
            f" got {row['shown']!r}."
        )
    return Requirement(row["id"], row["title"], tests, left["room"] if left else "", rest)
