"""Real-time PCR: QuantStudio (Applied Biosystems), CFX Maestro (Bio-Rad) and LightCycler 480 (Roche).

Each reaction is a value of its sample: the quantification cycle of its target. Whatever an instrument writes where
nothing amplified (Undetermined, NaN, an empty cell) is no number: the value is missing and its qualifier `>`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import DESIGN_AND_ANALYSIS, Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.plates import position_of
from assays.readers.records import NO_DATE, Format, UnableToRead, ValueTable
from assays.readers.sheets import results_alone
from assays.readers.text import as_number, as_utc
from assays.readers.well_values import WellValues

CYCLES = "cycles"
NO_AMPLIFICATION = ("", "undetermined", "nan", "n/a", "-")
OMITTED = ("true", "yes", "false", "no")
CQ_NAMES = ("CT", "Cт", "Ct", "Cq", "Crt")
ENDED = ("Experiment Run End Time", "Run End Date/Time", "Run End Data/Time")
BARCODE = ("Experiment Barcode", "Barcode")
QUANTSTUDIO_FORMS = ("%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %H:%M:%S")
LIGHTCYCLER_HEAD = re.compile(r"Experiment:\s*(?P<name>.*?)\s+Selected Filter:\s*(?P<filter>.+)")


class Reactions(WellValues):
    """The reactions of a file as they are read, each with the well that it ran in."""

    what = "reaction"

    def add(self, *, well: Cell, sample: str, target: str, cq: Cell, omitted: bool = False) -> None:
        position = self.position_for(well, target)
        if not sample:
            if cq.text.lower() in NO_AMPLIFICATION:
                return  # an empty well
            raise UnableToRead(f"{self.filename}, line {well.line}: well {position} has a Cq and no sample.")
        value, qualifier = self._value(position, cq, omitted=omitted)
        self.keep(
            cq,
            position=position,
            sample=sample,
            quantity=target,
            value=value,
            unit=CYCLES,
            qualifier=qualifier,
        )

    def _value(self, position: str, cq: Cell, *, omitted: bool) -> tuple[Decimal | Missing, str]:
        if omitted:
            return Missing(f"left out in the instrument's own analysis: {cq.text or 'no Cq'}"), "="
        if cq.text.lower() in NO_AMPLIFICATION:
            return Missing("no amplification"), ">"
        number = as_number(cq.text)
        if number is None or number <= 0:
            return Missing(f"{cq.text!r} is no quantification cycle"), "="
        return self.disagreement(number, cq, position=position) or number, "="


def read_quantstudio(filename: str, text: str, *, timezone: str) -> ValueTable:
    """The text export with its sections in brackets, or a workbook as one; reactions are those of [Results]."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if line.strip() == "[Results]"), None)
    if start is None:
        raise UnableToRead(f"{filename} has no section [Results]; export it with its results.")
    end = next((at for at in range(start + 2, len(lines)) if not lines[at].strip()), len(lines))
    facts = _facts(lines[:start])
    # Lines before the table are kept empty, so that its cells know on which line they stand.
    rows = [
        row for row in rows_of(filename, "\n" * start + "\n".join(lines[start:end]), separator="\t") if row
    ]
    _, head, *body = rows
    names = [cell.text for cell in head]
    cq = next((name for name in CQ_NAMES if name in names), "CT")
    sample, target = ("Sample", "Target") if "Target" in names else ("Sample Name", "Target Name")
    if target == "Target":  # of Design & Analysis
        alone = results_alone(facts, [head, *body])
        document = convert(filename, alone, DESIGN_AND_ANALYSIS, timezone=timezone)
    else:
        document = convert(filename, text, Format.QUANTSTUDIO, timezone=timezone)
    reactions = Reactions(filename=filename, converted=Converted(document))
    for row in table_below(filename, head, body, needed=("Well Position", sample, target, cq)):
        reactions.add(
            well=row["Well Position"],
            sample=row[sample].text,
            target=row[target].text,
            cq=row[cq],
            omitted=is_omitted(filename, row),
        )
    _require_all_wells(filename, lines, reactions)
    return reactions.table(
        Format.QUANTSTUDIO,
        instrument=facts.get("Instrument Type", ""),
        software="QuantStudio",
        measured_at=zoned(first_of(facts, ENDED), timezone),
        plate_name=first_of(facts, BARCODE),
    )


def read_cfx_maestro(filename: str, text: str, *, timezone: str) -> ValueTable:
    """The CSV export of Cq results. It has no date: whoever imports it says when the plate was run."""
    head, *body = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    converted = Converted(convert(filename, text, Format.CFX_MAESTRO, timezone=timezone))
    reactions = Reactions(filename=filename, converted=converted)
    for row in table_below(filename, head, body, needed=("Well", "Fluor", "Target", "Sample", "Cq")):
        reactions.add(
            well=row["Well"],
            sample=row["Sample"].text,
            target=row["Target"].text or row["Fluor"].text,
            cq=row["Cq"],
        )
    return reactions.table(Format.CFX_MAESTRO, instrument="Bio-Rad CFX", software="CFX Maestro")


def read_lightcycler(filename: str, text: str, *, timezone: str) -> ValueTable:
    """The text export of one filter, whose name is the target. allotropy has no reader of it, so there is no second."""
    found = LIGHTCYCLER_HEAD.match(text)
    if found is None:
        raise UnableToRead(f"{filename} does not name its experiment and filter in its first line.")
    _, head, *body = [
        row for row in rows_of(filename, text, separator="\t") if any(cell.text for cell in row)
    ]
    reactions = Reactions(filename=filename, converted=None)
    target = found["filter"].split("(")[0].strip()
    for row in table_below(filename, head, body, needed=("Include", "Pos", "Name", "Cp")):
        reactions.add(
            well=row["Pos"],
            sample=row["Name"].text,
            target=target,
            cq=row["Cp"],
            omitted=row["Include"].text.lower() not in ("true", "1", "yes"),
        )
    return reactions.table(
        Format.LIGHTCYCLER,
        instrument="Roche LightCycler 480",
        remarks=["This format is read by one reader alone: no second one vouches for its numbers."],
    )


def first_of(facts: Mapping[str, str], names: Iterable[str]) -> str:
    return next((facts[name] for name in names if name in facts), "")


def _facts(lines: Iterable[str]) -> Mapping[str, str]:
    """“* Name = value” by name."""
    parts = (line.lstrip("* ").partition("=") for line in lines if line.startswith("*"))
    return {name.strip(): value.strip() for name, _, value in parts}


def _require_all_wells(filename: str, lines: list[str], reactions: Reactions) -> None:
    """Every well with a sample that was set up has its result."""
    if "[Sample Setup]" not in lines:
        return
    head, *body = [line.split("\t") for line in lines[lines.index("[Sample Setup]") + 1 :]]
    if "Well Position" not in head or "Sample Name" not in head:
        return
    place, name = head.index("Well Position"), head.index("Sample Name")
    read = {position for position, _ in reactions.seen}
    for cells in body:
        if len(cells) <= max(place, name):
            break
        position = position_of(cells[place])
        if position and cells[name].strip() and position not in read:
            raise UnableToRead(
                f"{filename}: well {position} was set up with {cells[name]} and has no result; the file is cut off "
                "or was edited."
            )


def is_omitted(filename: str, row: Mapping[str, Cell]) -> bool:
    cell = row.get("Omit", Cell("false", 0))
    if cell.text.lower() not in OMITTED:
        raise UnableToRead(f"{filename}, line {cell.line}, Omit: “{cell.text}” is neither true nor false.")
    return cell.text.lower() in ("true", "yes")


def zoned(raw: str, timezone: str) -> datetime | Missing:
    """2010-10-20 02:23:34 AM EDT: the name of the zone must be that of the instrument's."""
    if not raw:
        return NO_DATE
    clock, _, name = raw.rpartition(" ")
    if name in ("AM", "PM") or name[:1].isdigit():
        clock, name = raw, ""
    moment = as_utc(clock, timezone="UTC" if name in ("UTC", "GMT") else timezone, forms=QUANTSTUDIO_FORMS)
    if isinstance(moment, Missing) or not name or name in ("UTC", "GMT"):
        return moment
    told = moment.astimezone(ZoneInfo(timezone)).tzname()
    if told != name:
        return Missing(f"its clock stands in {name}, that of the instrument in {timezone} ({told})")
    return moment.astimezone(UTC)
