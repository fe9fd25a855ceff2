"""Roche Cedex Bio HT (metabolites, ions, proteins of a culture): one line for each test of each sample.

A quantity is called as the analyser calls its test (GLC3B), with the dilution that somebody made for it (IGGHD 1/5);
what is multiplied for a dilution is multiplied already. A value outside the range of its test is a bound, which the
converter has no number for.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import isclose
from typing import Any
from zoneinfo import ZoneInfo

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import SAME, convert
from assays.readers.delimited import rows_of
from assays.readers.records import Format, Problem, UnableToRead, ValueRow, ValueTable
from assays.readers.text import as_number, as_utc

# Where a line says what, by the first number of the software's version.
OLDER = ("type", "time", "test", "", "", "sample", "role", "unit", "flag", "value", "signal", "end")
NEWER = (
    *("type", "time", "sample", "batch", "role", "", "test"),
    *("dilution", "unit", "flag", "value", "signal", "end"),
)
PLACES: dict[str, Sequence[str]] = {"5": OLDER, "6": NEWER, "7": NEWER}
ARCHIVE, RESULT = "#ARC-FILE#", "40"
MODEL, VERSION = 6, 8  # cells of the first line
BOUND = re.compile(r"([<>]) *(\S+)")
OUTSIDE = {"< TEST RNG": "<", "> TEST RNG": ">"}  # what the flag says of a bound
CONCENTRATIONS = {"mmol/L", "mmol/l", "mM", "g/L", "mg/L"}
ACTIVITY, ENZYME = "U/L", "LDH"
# What the converter multiplies by: it has grams for milligrams, and calls the activity of an enzyme mmol/L.
CONVERTED = {"mg/L": Decimal("0.001"), ACTIVITY: Decimal("0.0167")}
DENSITIES = {"ODB", "ODD"}  # optical; the converter keeps them elsewhere, without a name
FORMS = ("%Y-%m-%d %H:%M:%S",)

Line = Mapping[str, Cell]
Key = tuple[str, str, str]  # sample, test, dilution


@dataclass(frozen=True, slots=True)
class _Converted:
    numbers: Mapping[Key, list[float]]  # each vouches for one of ours
    moments: frozenset[datetime]


def read_cedex_bioht(filename: str, text: str, *, timezone: str) -> ValueTable:
    title, *rows = [row for row in rows_of(filename, text, separator="\t") if any(cell.text for cell in row)]
    places = _places(filename, title)
    lines, remarks = _results(_line(filename, row, places) for row in rows)
    if not lines:
        raise UnableToRead(f"{filename} holds no result below its first line.")
    moments = [as_utc(line["time"].text, timezone=timezone, forms=FORMS) for line in lines]
    why_not = [_why_not_given(line, moment) for line, moment in zip(lines, moments, strict=True)]
    given = [line for line, why in zip(lines, why_not, strict=True) if not why]
    converted = _converted(filename, text, given, timezone)
    read = [_value(line, why, converted.numbers) for line, why in zip(lines, why_not, strict=True)]
    return ValueTable(
        format=Format.CEDEX_BIOHT,
        instrument=f"Roche {title[MODEL].text}",
        software=title[VERSION].text,
        measured_at=_measured_at(moments, converted.moments),
        rows=tuple(row for row, _ in read),
        problems=tuple(problem for _, problem in read if problem),
        remarks=(*remarks, *_about_days(moments, timezone), *_about_flags(lines)),
    )


def _places(filename: str, title: Sequence[Cell]) -> Sequence[str]:
    if len(title) <= VERSION:
        raise UnableToRead(f"{filename}, line 1: the first line of a Cedex Bio HT archive is not whole.")
    version = title[VERSION].text
    if version[:1] not in PLACES:
        raise UnableToRead(
            f"{filename}, line 1: of software {version}; versions {', '.join(PLACES)} are read."
        )
    return PLACES[version[:1]]


def _line(filename: str, row: Sequence[Cell], places: Sequence[str]) -> Line:
    """The last cell says that a line is whole: without it a number could have lost its end."""
    is_whole = len(row) >= len(places) and bool(row[len(places) - 1].text)
    if not is_whole or any(cell.text for cell in row[len(places) :]):
        raise UnableToRead(
            f"{filename}, line {row[0].line}: a result has {len(places)} cells, the last of them not empty; "
            "the file is cut off or was edited."
        )
    line = {place: cell for place, cell in zip(places, row, strict=False) if place}
    for place in ("sample", "test"):
        if not line[place].text:
            raise UnableToRead(f"{filename}, line {row[0].line}: the {place} is not named.")
    return line


def _results(lines: Iterator[Line]) -> tuple[list[Line], list[str]]:
    """What is a result, once; and what is said of the other lines."""
    results: dict[tuple[str, ...], Line] = {}
    remarks = []
    for line in lines:
        number, told = line["type"].line, tuple(cell.text for cell in line.values())
        if line["type"].text != RESULT:
            remarks.append(
                f"Line {number} is of the kind {line['type'].text}, no result ({RESULT}), and is not taken."
            )
        elif told in results:
            remarks.append(f"Line {number} repeats line {results[told]['type'].line} and counts once.")
        else:
            results[told] = line
    return list(results.values()), remarks


def _why_not_given(line: Line, moment: datetime | Missing) -> str:
    """Why the converter, which refuses a whole file for one cell, is not given this line."""
    test, unit = line["test"].text, line["unit"].text
    if isinstance(moment, Missing):
        return moment.reason
    if test in DENSITIES or unit in CONCENTRATIONS or (unit == ACTIVITY and test.startswith(ENZYME)):
        return ""
    return f"no second reader knows {test} in “{unit}”"


def _converted(filename: str, text: str, lines: Sequence[Line], timezone: str) -> _Converted:
    numbers: dict[Key, list[float]] = defaultdict(list)
    if not lines:
        return _Converted(numbers, frozenset())
    raw = text.split("\n")
    taken = "\n".join([raw[0], *(raw[line["type"].line - 1] for line in lines), ""])
    document = convert(filename, taken, Format.CEDEX_BIOHT, timezone=timezone)
    measurements = [
        measurement
        for group in document["solution analyzer aggregate document"]["solution analyzer document"]
        for measurement in group["measurement aggregate document"]["measurement document"]
    ]
    for measurement in measurements:
        sample = measurement["sample document"]["sample identifier"]
        for test, dilution, number in _numbers(measurement):
            numbers[sample, test, dilution].append(number)
    moments = (datetime.fromisoformat(measurement["measurement time"]) for measurement in measurements)
    return _Converted(numbers, frozenset(moments))


def _numbers(measurement: dict[str, Any]) -> Iterator[tuple[str, str, float]]:
    if "absorbance" in measurement:
        yield "", "", measurement["absorbance"]["value"]
    for analyte in measurement.get("analyte aggregate document", {}).get("analyte document", ()):
        told = analyte["custom information document"]
        for part in analyte.values():
            if isinstance(part, dict) and "value" in part:
                yield told["analyte code"], told.get("dilution factor", ""), part["value"]


def _value(line: Line, why_not: str, numbers: Mapping[Key, list[float]]) -> tuple[ValueRow, Problem | None]:
    cell, sample, test = line["value"], line["sample"].text, line["test"].text
    bound = BOUND.fullmatch(cell.text)
    value = Missing(why_not) if why_not else _understood(line, bound, numbers)
    row = ValueRow(
        line=cell.line,
        sample_name=sample,
        quantity=f"{test} {_dilution(line)}".strip(),
        value=value,
        qualifier=bound[1] if bound and not isinstance(value, Missing) else "=",
        unit=line["unit"].text,
    )
    if not isinstance(value, Missing):
        return row, None
    return row, Problem(line=cell.line, row=sample, column=row.quantity, raw=cell.text, message=value.reason)


def _understood(
    line: Line, bound: re.Match[str] | None, numbers: Mapping[Key, list[float]]
) -> Decimal | Missing:
    raw, flag, test = line["value"].text, line["flag"].text, line["test"].text
    number = as_number(bound[2] if bound else raw)
    if number is None:
        return Missing(f"{raw!r} is not a number" if raw else "the cell is empty")
    if (bound[1] if bound else "") != OUTSIDE.get(flag, ""):
        return Missing(f"“{raw}” and its flag “{flag}” do not say the same")
    if bound:
        return number
    is_density = test in DENSITIES
    key = (line["sample"].text, *(("", "") if is_density else (test, _dilution(line))))
    theirs = number if is_density else number * CONVERTED.get(line["unit"].text, Decimal(1))
    if _take(theirs, numbers.get(key, [])):
        return number
    return Missing(f"two readers disagree: the converter does not find {raw}")


def _dilution(line: Line) -> str:
    return line["dilution"].text if "dilution" in line else ""


def _take(number: Decimal, numbers: list[float]) -> bool:
    at = next((at for at, one in enumerate(numbers) if isclose(one, number, rel_tol=SAME)), None)
    if at is not None:
        del numbers[at]
    return at is not None


def _measured_at(moments: Sequence[datetime | Missing], theirs: frozenset[datetime]) -> datetime | Missing:
    told = [moment for moment in moments if not isinstance(moment, Missing)]
    if len(told) < len(moments):
        return next(moment for moment in moments if isinstance(moment, Missing))
    if strange := theirs - set(told):
        return Missing(f"two readers disagree: the converter finds {min(strange)}")
    return max(told)


def _about_days(moments: Sequence[datetime | Missing], timezone: str) -> Iterator[str]:
    told = [moment.astimezone(ZoneInfo(timezone)) for moment in moments if not isinstance(moment, Missing)]
    if told and min(told).date() != max(told).date():
        yield (
            f"The archive holds results of several days, {min(told):%-d %b %Y} to {max(told):%-d %b %Y}; "
            "the last of them counts."
        )


def _about_flags(lines: Sequence[Line]) -> Iterator[str]:
    flagged: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        flagged[line["flag"].text].append(str(line["flag"].line))
    for flag, numbers in flagged.items():
        if flag and flag not in OUTSIDE:
            where = f"line{'s' * (len(numbers) > 1)} {', '.join(numbers)}"
            yield f"The analyser marked with “{flag}” what stands on {where}."
