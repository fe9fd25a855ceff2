"""FlowJo workspace: the events of every gated population of every sample, by the path of its gates.

    Singlets/Live/CD45+CD3+    84567 events

What all events of a sample are is called “All events”. Statistics that somebody added to a gate are values as well.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.markup import local, read_markup, written_without
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc

ALL, EVENTS = "All events", "events"
FORMS = ("%d-%b-%Y %H:%M:%S",)
DEEPEST = 30  # gates below each other
# How the gates were drawn and the cytometer was set: the converter takes long over it, and it counts nothing.
NOT_COUNTED = {"Keywords", "Gate"}


def read_flowjo(filename: str, text: str, *, timezone: str) -> ValueTable:
    root = read_markup(filename, text)
    samples = root.findall("./SampleList/Sample")
    if not samples:
        raise UnableToRead(f"{filename} is a FlowJo workspace without samples.")
    counted = written_without(root, NOT_COUNTED)
    converted = Converted(convert(filename, counted, Format.FLOWJO, timezone=timezone))
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    moments: list[datetime | Missing] = []
    for number, sample in enumerate(samples, start=1):
        node = sample.find("SampleNode")
        name = "" if node is None else node.get("name", "").removesuffix(".fcs").strip()
        if node is None or not name:
            raise UnableToRead(f"{filename} holds a sample without a name.")
        if name in {row.sample_name for row in rows}:
            raise UnableToRead(f"{filename} holds two samples called “{name}”.")
        moments.append(_moment(sample, timezone))
        for quantity, raw, unit in _values(filename, node):
            value = _value(raw, unit, converted, node.get("sampleID", ""))
            if isinstance(value, Missing):
                problems.append(
                    Problem(line=len(rows) + 1, row=name, column=quantity, raw=raw, message=value.reason)
                )
            rows.append(
                ValueRow(
                    line=len(rows) + 1,
                    sample_name=name,
                    quantity=quantity,
                    value=value,
                    unit=unit,
                    element=f"SampleList/Sample[{number}]",
                )
            )
    return ValueTable(
        format=Format.FLOWJO,
        instrument=_keyword(samples[0], "$CYT"),
        software=f"FlowJo {root.get('flowJoVersion', '')}".strip(),
        measured_at=last_of(moments),
        rows=tuple(rows),
        problems=tuple(problems),
    )


def _values(filename: str, node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str, str]]:
    """Quantity, raw value and unit of a population, its statistics, and everything below it."""
    if len(path) > DEEPEST:
        raise UnableToRead(f"{filename}: more than {DEEPEST} gates below each other.")
    here = "/".join(path)
    yield here or ALL, node.get("count", ""), EVENTS
    below: set[str] = set()
    for child in node.findall("./Subpopulations/*"):
        name = child.get("name", "").strip()
        if local(child.tag) == "Statistic":
            of = f" {child.get('id')}" if child.get("id") else ""
            yield f"{here or ALL}, {name}{of}", child.get("value", ""), ""
        elif child.get("count") is not None:
            if not name or name in below:
                raise UnableToRead(
                    f"{filename}: a gate below “{here or ALL}” has no name of its own: “{name}”."
                )
            below.add(name)
            yield from _values(filename, child, (*path, name))


def _value(raw: str, unit: str, converted: Converted, sample: str) -> Decimal | Missing:
    number = as_number(raw)
    if number is None:
        return Missing(f"{raw!r} is not a number" if raw else "there is no value")
    if unit != EVENTS:
        return number
    if number < 0:
        return Missing("FlowJo has not counted this gate; open the workspace, let it compute, and save it")
    if not converted.vouches_for(number, place=sample):
        return Missing(f"two readers disagree: the converter does not find {raw}")
    return number


def _moment(sample: Any, timezone: str) -> datetime | Missing:
    """When the sample began to run, by the clock of the cytometer."""
    day, begun = _keyword(sample, "$DATE"), _keyword(sample, "$BTIM").partition(".")[0]
    cell = Cell(f"{day.title()} {begun}".strip(), 0)
    return (
        as_utc(cell.text, timezone=timezone, forms=FORMS)
        if cell.text
        else Missing("it holds no date and time")
    )


def _keyword(sample: Any, name: str) -> str:
    found = (word for word in sample.findall("./Keywords/Keyword") if word.get("name") == name)
    return next((word.get("value", "").strip() for word in found), "")


def last_of(moments: list[datetime | Missing]) -> datetime | Missing:
    told = [moment for moment in moments if not isinstance(moment, Missing)]
    return max(told) if len(told) == len(moments) else next(m for m in moments if isinstance(m, Missing))
