"""BD FACSDiva, an experiment exported as XML: the events of every population of every tube, by the path of its gates.

    Singlets/Live/CD45+CD3+    84567 events

What all events of a tube are is called “All events”. A tube has its own name, and that of its specimen before it where
two tubes of the experiment are called the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assays.kernel.missing import Missing
from assays.readers.conversion import convert
from assays.readers.flowjo import ALL, DEEPEST, EVENTS, last_of
from assays.readers.markup import read_markup, written_without
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc

COMPOSITE = "Composite_Classifier"  # what a quadrant hangs on; no population of its own
# Most of an experiment is how it was drawn, compensated and gated, over which the converter takes long.
NOT_COUNTED = {
    "worksheet_config",
    "instrument_settings",
    "keywords",
    "lasers",
    "region",
    "statistics_calculations",
}
FORMS = ("%Y-%m-%dT%H:%M:%S",)
STATISTICS = "Statistics of parameters (means, medians) are not taken; the events of the populations are."
Path = tuple[str, ...]  # of gates, All Events being the first


@dataclass(frozen=True, slots=True)
class _Tube:
    name: str
    element: Any
    place: str
    gates: Mapping[Path, str]  # what is written as the number of events of each

    @property
    def is_recorded(self) -> bool:
        """Every tube of an experiment is exported, also one that nothing was measured of."""
        return any(as_number(raw) for raw in self.gates.values())


def read_facsdiva(filename: str, text: str, *, timezone: str) -> ValueTable:
    root = read_markup(filename, text)
    tubes = _tubes(filename, root)
    counted = written_without(root, NOT_COUNTED)
    document = convert(filename, counted, Format.FACSDIVA, timezone=timezone)
    groups = document["flow cytometry aggregate document"]["flow cytometry document"]
    if len(groups) != len(tubes):
        raise UnableToRead(f"{filename} has {len(tubes)} tubes but {len(groups)} converted ones.")
    rows: list[ValueRow] = []
    problems: list[Problem] = []
    for tube, group in zip(tubes, groups, strict=True):
        for path, raw, value in _populations(tube, group):
            line, quantity = len(rows) + 1, "/".join(path[1:]) or ALL
            if isinstance(value, Missing):
                problems.append(
                    Problem(line=line, row=tube.name, column=quantity, raw=raw, message=value.reason)
                )
            rows.append(
                ValueRow(
                    line=line,
                    sample_name=tube.name,
                    quantity=quantity,
                    value=value,
                    unit=EVENTS,
                    element=tube.place,
                )
            )
    return ValueTable(
        format=Format.FACSDIVA,
        instrument=tubes[0].element.findtext("data_instrument_name", "").strip(),
        software=f"FACSDiva {root.get('version', '').removeprefix('Version ')}".strip(),
        measured_at=_measured_at(tubes, groups, timezone),
        rows=tuple(rows),
        problems=tuple(problems),
        remarks=(STATISTICS,) if root.find(".//statistics_calculations") is not None else (),
    )


def _tubes(filename: str, root: Any) -> list[_Tube]:
    found = [
        (specimen.get("name", "").strip(), tube.get("name", "").strip(), tube, at, number)
        for at, specimen in enumerate(root.findall("./experiment/specimen"), start=1)
        for number, tube in enumerate(specimen.findall("./tube"), start=1)
    ]
    if not found:
        raise UnableToRead(f"{filename} is a FACSDiva experiment without tubes.")
    own = [name for _, name, *_ in found]
    is_enough = len(set(own)) == len(own)
    tubes = [
        _Tube(
            name=name if is_enough else f"{specimen} {name}".strip(),
            element=tube,
            place=f"experiment/specimen[{at}]/tube[{number}]",
            gates=_gates(filename, name, tube),
        )
        for specimen, name, tube, at, number in found
    ]
    names = [tube.name for tube in tubes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if "" in own or twice is not None:
        what = "a tube without a name" if "" in own else f"two tubes called “{twice}”"
        raise UnableToRead(f"{filename} holds {what}.")
    return tubes


def _gates(filename: str, tube_name: str, tube: Any) -> dict[Path, str]:
    gates: dict[Path, str] = {}
    for gate in tube.findall("./gates/gate"):
        if gate.get("type") == COMPOSITE:
            continue
        path = tuple(part.strip() for part in gate.get("fullname", "").split("\\"))
        if not all(path) or path in gates or len(path) > DEEPEST:
            called = gate.get("fullname", "")[:200]
            raise UnableToRead(
                f"{filename}, tube “{tube_name}”: the gate “{called}” has no name, is there twice or is more than "
                f"{DEEPEST} gates deep."
            )
        gates[path] = gate.findtext("num_events", "").strip()
    if not gates:
        raise UnableToRead(f"{filename}, tube “{tube_name}”: it holds no gates, not even of all events.")
    return gates


def _populations(tube: _Tube, group: Any) -> Iterator[tuple[Path, str, Decimal | Missing]]:
    if not tube.is_recorded:
        path, raw = next(iter(tube.gates.items()))
        yield path[:1], raw, Missing("FACSDiva has counted no events of this tube")
        return
    measurement = group["measurement aggregate document"]["measurement document"][0]
    processed = measurement["processed data aggregate document"]["processed data document"][0]
    converted = dict(_counts(processed))
    for path, raw in tube.gates.items():
        yield path, raw, _value(raw, converted.get(path))


def _counts(node: Any, path: Path = ()) -> Iterator[tuple[Path, float]]:
    """The converter's, by the names of the populations above each."""
    for aggregate in node.get("population aggregate document", ()):
        for population in aggregate["population document"]:
            here = (*path, population.get("written name", "").strip())
            if "count" in population:
                yield here, population["count"]["value"]
            yield from _counts(population, here)


def _value(raw: str, converted: float | None) -> Decimal | Missing:
    number = as_number(raw)
    if number is None:
        return Missing(f"{raw!r} is not a number" if raw else "there is no value")
    if converted is None or float(number) != converted:
        return Missing(f"two readers disagree: {raw} and {converted}")
    return number if number >= 0 else Missing(f"{raw} is below zero")


def _measured_at(tubes: list[_Tube], groups: list[Any], timezone: str) -> datetime | Missing:
    """When the last tube was recorded; the converter tells when the first one was."""
    moments = [_moment(tube, timezone) for tube in tubes if tube.is_recorded]
    theirs, first = groups[0].get("measurement time"), _moment(tubes[0], timezone)
    if theirs and isinstance(first, datetime) and datetime.fromisoformat(theirs) != first:
        return Missing(f"two readers disagree: {first} and {theirs}")
    return last_of(moments) if moments else Missing("nothing was recorded")


def _moment(tube: _Tube, timezone: str) -> datetime | Missing:
    told = tube.element.findtext("date", "").strip()
    return as_utc(told, timezone=timezone, forms=FORMS) if told else Missing("it holds no date and time")
