"""How the report of a run sets its tables and numbers."""

from collections.abc import Iterable

from tilmfg.documents.contents import Table
from tilmfg.shell.numbers import readable, why_missing

Rows = Iterable[tuple[str, ...]]


def table(head: tuple[str, ...], rows: Rows, *, widths: tuple[int, ...] = ()) -> Table:
    return Table(columns=head, rows=tuple(rows), widths=widths)


def in_words(value: object, unit: str = "") -> str:
    """Per cent with one decimal, as on the page."""
    decimals = 1 if unit == "%" else None
    return why_missing(value) or f"{readable(value, decimals)} {unit}".strip()
