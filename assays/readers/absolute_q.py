"""Applied Biosystems QuantStudio Absolute Q (digital PCR): the table of results, one line for each target in each well,
or the summary, one line for each well with the columns of each dye side by side.

Averages and pooled wells are the software's own and are not taken.
"""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.delimited import rows_of, table_below
from assays.readers.digital_pcr import Targets, require_few
from assays.readers.plates import NOTHING
from assays.readers.records import NO_DATE, Format, UnableToRead, ValueTable
from assays.readers.text import as_number, as_utc, day_only

RUN, RUN_NAME, PLATE, DATE = "Run", "Run name", "Plate", "Date"
TARGET, THRESHOLD, TOTAL, POSITIVES, QC = "Target", "Threshold", "Total", "Positives", "QC"
SAMPLES, WELLS, COPIES = ("Sample", "Name"), ("Well", "Well ID"), ("Conc. cp/uL", "Conc.")
DYES = {"", "FAM", "VIC", "ABY", "JUN", "ROX", "HEX", "CY5", "TAMRA"}
GROUPS = ("Average", "Pooled")  # in place of a well
UNDILUTED = ("", "1/1.00000")
Table = tuple[list[Cell], list[list[Cell]]]


def is_absolute_q(text: str) -> bool:
    """Whichever of its exports."""
    first, second = (set(line.split(",")) for line in (*text.split("\n", 2)[:2], "")[:2])
    return first >= {RUN, "Instrument", PLATE} or (
        not any(first - DYES) and second >= {RUN_NAME, TARGET, TOTAL}
    )


def read_absolute_q(filename: str, text: str, *, timezone: str) -> ValueTable:
    rows = [row for row in rows_of(filename, text) if any(cell.text for cell in row)]
    head = [cell for table, _ in _tables(filename, rows) for cell in table]
    sample, well, copies = (
        _named(filename, head, names, what)
        for names, what in ((SAMPLES, "sample"), (WELLS, "well"), (COPIES, "concentration"))
    )
    needed = (sample, well, copies, TARGET, TOTAL, POSITIVES)
    own = [
        row
        for head, body in _tables(filename, rows)
        for row in table_below(filename, head, body, needed=needed)
        if row[sample].text or row[well].text not in GROUPS
    ]
    runs, plates, clocks, dilutions = (
        sorted({row.get(name, NOTHING).text for row in own})
        for name in (RUN_NAME if RUN not in own[0] else RUN, PLATE, DATE, "DF")
    )
    if len(runs) > 1 or len(plates) > 1:
        raise UnableToRead(f"{filename} holds {', '.join((*runs, *plates))}; export one run per file.")
    require_few(filename, own)
    moments = {clock: _moment(clock, timezone) for clock in clocks}
    untimed = {clock for clock, moment in moments.items() if isinstance(moment, Missing)}
    document = convert(filename, _for_the_converter(rows, untimed), Format.ABSOLUTE_Q, timezone=timezone)
    targets = Targets(filename=filename, converted=Converted(document))
    for row in own:
        quality = row.get(QC, NOTHING).text
        targets.add(
            well=row[well],
            sample=row[sample].text,
            target=row[TARGET].text,
            copies=row[copies],
            positive=row[POSITIVES],
            valid=row[TOTAL],
            doubt="" if quality in ("", "PASS") else f"the instrument's own control says {quality}",
        )
    return targets.table(
        Format.ABSOLUTE_Q,
        instrument="Applied Biosystems QuantStudio Absolute Q",
        software="QuantStudio Absolute Q",
        measured_at=targets.vouched(moments.values()),
        remarks=[
            f"The file names the dilution {factor}; concentrations are as it prints them."
            for factor in dilutions
            if factor not in UNDILUTED
        ],
        plate_name="".join(plates),
    )


def _tables(filename: str, rows: Sequence[list[Cell]]) -> Iterator[Table]:
    """One table; of a summary one for each dye, with what is told of the well in each."""
    head = rows[0]
    if head[0].text:
        yield head, list(rows[1:])
        return
    head, body = rows[1], rows[2:]
    starts = [at for at, cell in enumerate(head) if cell.text == TARGET]
    ends = [at + 1 for at, cell in enumerate(head) if cell.text == THRESHOLD]
    dyes = [at for at, cell in enumerate(rows[0]) if cell.text]
    if not starts or starts != dyes or starts[1:] != ends[:-1] or len(starts) != len(ends):
        raise UnableToRead(
            f"{filename}, line {head[0].line}: the columns of a dye go from “{TARGET}” to “{THRESHOLD}” below its "
            "name; the file is cut off or was edited."
        )
    list(table_below(filename, head, body, needed=(RUN_NAME, TOTAL)))  # each row is whole
    for start, end in zip(starts, ends, strict=True):
        yield (
            [*head[: starts[0]], *head[start:end], *head[ends[-1] :]],
            [[*row[: starts[0]], *row[start:end], *row[ends[-1] :]] for row in body],
        )


def _for_the_converter(rows: Sequence[Sequence[Cell]], untimed: Collection[str]) -> str:
    """Without empty lines, at which it ends; without what is no time, and with a nought for what is no number, where it
    gives up.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = rows[0] if rows[0][0].text else rows[1]
    numbers = {at for at, cell in enumerate(head) if cell.text in (*COPIES, TOTAL, POSITIVES)}
    for row in rows:
        texts = ["" if cell.text in untimed else cell.text for cell in row]
        if row is not rows[0] and row is not head:
            texts = [
                "0" if at in numbers and as_number(text) is None else text for at, text in enumerate(texts)
            ]
        writer.writerow(texts)
    return text.getvalue()


def _named(filename: str, head: Sequence[Cell], names: Sequence[str], what: str) -> str:
    found = list(dict.fromkeys(cell.text for cell in head if cell.text in names))
    if len(found) != 1:
        raise UnableToRead(
            f"{filename}, line {head[0].line}: {len(found)} columns of the {what} ({' or '.join(names)}); one is "
            "expected. Export the results by target or the summary, not the partitions."
        )
    return found[0]


def _moment(text: str, timezone: str) -> datetime | Missing:
    """A day alone is no moment, but one of it is."""
    if not text:
        return NO_DATE
    moment = as_utc(text, timezone=timezone)
    begins = as_utc(text, timezone=timezone, forms=("%m/%d/%Y",)) if isinstance(moment, Missing) else moment
    if isinstance(moment, datetime) or isinstance(begins, Missing):
        return moment
    return day_only(begins, timezone=timezone, said="The file tells the day alone")
