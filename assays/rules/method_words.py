"""What a method version says, in words: the same facts are read on its page, signed, and compared between versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from assays.attributes import name_of

from .calculations import Kind, settings_of
from .layouts import Layout
from .methods import MethodVersion, read_method
from .reported import Reported

STAGES = {"in_process": "in process", "pre_freeze": "before freezing", "post_thaw": "after thawing"}
INSTRUMENTS = {
    "plate_reader": "Plate reader",
    "cell_counter": "Cell counter",
    "flow_cytometer": "Flow cytometer",
    "pcr_cycler": "PCR cycler",
}
OPEN = "open"
LAYOUT = "Layout"


@dataclass(frozen=True, slots=True)
class Fact:
    """`part` and `label` together name it, in every version alike."""

    part: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one version says and another does not; "" where one says nothing."""

    part: str
    label: str
    before: str
    after: str


def facts_of(name: str, kind: str, content: Mapping[str, Any]) -> tuple[Fact, ...]:
    """Everything that the version says; a layout well by well."""
    version = read_method(kind, content)
    return (Fact("Method", "Name", name), *_said(version), *_laid_out(version.layout))


def parts_of(version: MethodVersion) -> dict[str, tuple[Fact, ...]]:
    """By part, without the layout, which is drawn."""
    parts: dict[str, list[Fact]] = {}
    for fact in _said(version):
        parts.setdefault(fact.part, []).append(fact)
    return {part: tuple(facts) for part, facts in parts.items()}


def changes(before: tuple[Fact, ...], after: tuple[Fact, ...]) -> tuple[Change, ...]:
    """What differs, in the order of the later version, what it no longer says last; wells that change alike as one."""
    old = {(fact.part, fact.label): fact.words for fact in before}
    new = {(fact.part, fact.label): fact.words for fact in after}
    found: dict[tuple[str, ...], list[str]] = {}
    for part, label in dict.fromkeys((*new, *old)):
        was, becomes = old.get((part, label), ""), new.get((part, label), "")
        if was != becomes:
            alike = (part, was, becomes) if part == LAYOUT else (part, was, becomes, label)
            found.setdefault(alike, []).append(label)
    return tuple(Change(part, ", ".join(labels), *said[:2]) for (part, *said), labels in found.items())


def _said(version: MethodVersion) -> Iterator[Fact]:
    if version.formats:
        yield Fact("What it reads", "File formats", ", ".join(version.formats))
        yield Fact("What it reads", "Instrument", INSTRUMENTS.get(version.instrument, version.instrument))
    if version.signal:
        yield Fact("What it reads", "Reading", version.reads)
    if version.calculation:
        part = "Calculation and validity criteria"
        yield Fact(part, "Calculation", version.calculation.name)
        yield from _settings(part, version.settings)
    for result in version.results:
        yield from _result(result)
    if version.replicates:
        yield Fact("Replicates and retests", "Replicates of a sample", str(version.replicates))
    if version.retest:
        yield from _settings("Replicates and retests", version.retest)
    for reagent in version.reagents:
        yield Fact("Reagents", reagent, "a lot is named in every run")
    if version.analyst_qualification:
        yield Fact(
            "Who is qualified", "Needed beside training for this version", version.analyst_qualification
        )


def _settings(part: str, settings: Any, prefix: str = "") -> Iterator[Fact]:
    labelled = ""
    for item in settings_of(type(settings)):
        value = getattr(settings, item.name)
        # “… at the limits of the range” continues the setting before it
        label = f"{labelled} {item.label}" if item.label.startswith("…") else item.label
        labelled = labelled if item.label.startswith("…") else item.label
        if item.kind is Kind.ROWS:
            for number, row in enumerate(value, start=1):
                yield from _settings(part, row, prefix=f"{label} {number}: ")
        else:
            words = name_of(value) if item.kind is Kind.ATTRIBUTE else _in_words(value, item.unit)
            yield Fact(part, f"{prefix}{label}", words)


def _in_words(value: Any, unit: str) -> str:
    if value is None or value in ("", ()):
        return OPEN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    number = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return f"{number} {unit}".strip()


def _result(result: Reported) -> Iterator[Fact]:
    part = f"Result: {name_of(result.attribute)}"
    yield Fact(part, "At", ", ".join(STAGES[stage] for stage in result.stages))
    if result.texts:
        yield Fact(part, "One of", " · ".join(result.texts))
        for text, days in result.days.items():
            yield Fact(part, f"“{text}” is told", f"{days} days after the sample was drawn, or later")
        if result.second_reading:
            yield Fact(part, "Second reading", "by another analyst, who does not see the first")
        return
    yield Fact(part, "Unit", result.unit)
    yield Fact(part, "Rounded, half up, to", _rounding(result))
    yield Fact(part, "May be", " ".join(result.qualifiers))
    for label, bound in (("Smallest possible", result.minimum), ("Largest possible", result.maximum)):
        if bound is not None:
            yield Fact(part, label, f"{bound:f} {result.unit}")


def _rounding(result: Reported) -> str:
    if result.significant is not None:
        return f"{result.significant} significant digits"
    return "1 decimal" if result.decimals == 1 else f"{result.decimals} decimals"


def _laid_out(layout: Layout | None) -> Iterator[Fact]:
    if layout:
        yield Fact(LAYOUT, "Plate", f"{layout.wells} wells")
        for position, cell in layout.cells.items():
            yield Fact(LAYOUT, position, cell.in_words)
