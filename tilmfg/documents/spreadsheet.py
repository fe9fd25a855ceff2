"""Flat CSV (RFC 4180), safe to open in a spreadsheet: any rows, and the chain-of-identity report."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tilmfg.documents.contents import (
    ChainOfIdentityReport,
    ContainerLine,
    CustodyLine,
    EventLine,
    Identifier,
    LabelLine,
    ScanLine,
    SignatureLine,
    Transfer,
)
from tilmfg.documents.render import digest
from tilmfg.documents.text import instant

COLUMNS = (
    "section",
    "at_utc",
    "recorded_at_utc",
    "actor",
    "second_actor",
    "place",
    "subject",
    "parent",
    "what",
    "expected",
    "read",
    "volume_ml",
    "viable_cells",
    "temperature_c",
    "outcome",
)

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # of either width: East Asian spreadsheets take both
# Where a semicolon parts columns, as it does in much of Europe, it does so within our cells, and so do ends of lines.
_FORMULA_WITHIN = re.compile(r"(?<=[;\t\r\n])(?=\s*[=+\-@＝＋－＠])")


def chain_of_identity_csv(content: ChainOfIdentityReport) -> Iterator[str]:
    """Line by line: a header, what the report is, then its sections in the order of the printed report."""
    return csv_lines(COLUMNS, _rows(content))


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header and a line for each row; a column that a row lacks stays empty."""
    writer = csv.DictWriter(_Line(), columns, restval="")
    yield writer.writerow(dict(zip(columns, columns, strict=True)))
    for row in rows:
        yield writer.writerow({column: cell(value) for column, value in row.items()})


def cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    match value:
        case None:
            return ""
        case datetime():
            return instant(value)
        case Decimal():
            return f"{value:f}"
    text = str(value)
    if _NUMBER.fullmatch(text):
        return text
    return ("'" if _FORMULA.match(text) else "") + _FORMULA_WITHIN.sub("'", text)


class _Line:
    """What csv writes to; it hands the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _rows(content: ChainOfIdentityReport) -> Iterator[dict[str, Any]]:
    yield _report(content)
    yield from map(_identifier, content.identifiers)
    yield from map(_container, content.containers)
    yield from map(_transfer, content.transfers)
    yield from map(_event, content.events)
    yield from map(_scan, content.scans)
    for label in content.labels:
        yield from _label(label)
    yield from map(_custody, content.custody)
    yield from map(_signature, content.signatures)


def _report(content: ChainOfIdentityReport) -> dict[str, Any]:
    heading = content.heading
    return {
        "section": "report",
        "at_utc": heading.generated_at,
        "subject": heading.lot_number,
        "what": heading.document_id,
        "read": f"{heading.coi_id} {heading.check_character}",
        "outcome": digest(content),
    }


def _identifier(it: Identifier) -> dict[str, Any]:
    return {
        "section": "identifier",
        "at_utc": it.assigned_at,
        "actor": it.assigned_by,
        "what": it.kind,
        "read": it.value,
    }


def _container(it: ContainerLine) -> dict[str, Any]:
    return {
        "section": "container",
        "subject": it.code,
        "what": it.name,
        "volume_ml": it.volume_ml,
        "viable_cells": it.viable_cells,
        "outcome": it.state,
    }


def _transfer(it: Transfer) -> dict[str, Any]:
    return {
        "section": "transfer",
        "subject": it.child_code,
        "parent": it.parent_code,
        "volume_ml": it.volume_ml,
        "viable_cells": it.viable_cells,
    }


def _event(it: EventLine) -> dict[str, Any]:
    return {
        "section": "event",
        "at_utc": it.occurred_at,
        "recorded_at_utc": it.recorded_at,
        "actor": it.actor,
        "place": it.place,
        "subject": it.subject,
        "what": it.event,
        "outcome": it.outcome,
    }


def _scan(it: ScanLine) -> dict[str, Any]:
    return {
        "section": "scan",
        "at_utc": it.scanned_at,
        "actor": it.actor,
        "place": it.place,
        "what": it.purpose,
        "expected": it.expected,
        "read": it.read,
        "outcome": "match" if it.matches else f"MISMATCH {it.resolution}".rstrip(),
    }


def _label(it: LabelLine) -> Iterator[dict[str, Any]]:
    label = {
        "section": "label",
        "subject": it.container_code,
        "what": f"{it.template_version}, copy {it.copy}",
    }
    yield {**label, "at_utc": it.printed_at, "actor": it.printed_by, "outcome": "printed"}
    if it.applied_at:
        people = {"actor": it.applied_by, "second_actor": it.verified_by}
        yield {**label, **people, "at_utc": it.applied_at, "outcome": "applied"}
    if it.destroyed_at:
        yield {**label, "at_utc": it.destroyed_at, "actor": it.destroyed_by, "outcome": "destroyed"}


def _custody(it: CustodyLine) -> dict[str, Any]:
    return {
        "section": "custody",
        "at_utc": it.handed_over_at,
        "actor": it.given_by,
        "second_actor": it.taken_by,
        "place": it.place,
        "subject": it.subject,
        "what": it.condition,
        "temperature_c": it.temperature_c,
    }


def _signature(it: SignatureLine) -> dict[str, Any]:
    return {
        "section": "signature",
        "at_utc": it.signed_at,
        "actor": it.printed_name,
        "what": it.meaning,
        "read": it.digest,
        "outcome": f"{it.reason} · INVALID. {it.invalid}" if it.invalid else it.reason,
    }
