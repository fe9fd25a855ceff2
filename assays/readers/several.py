"""Exports of several plates: what they are called, and each of them as an export of its own.

What belongs to other plates becomes empty lines, so that every cell still knows on which line of the file it stands.
"""

import csv
import re
from collections.abc import Callable, Iterator
from itertools import islice

from assays.readers.mabtech_apex import plates_of_apex
from assays.readers.methodical_mind import barcode_of
from assays.readers.qiacuity import plate_of
from assays.readers.records import Format, UnableToRead
from assays.readers.skanit import plates_of_skanit
from assays.readers.workbook import Grid

MOST_PLATES = 20
END = "~End"
END_OF_PLATES = "Basic assay information"
LOCATION = re.compile(r'"?\d+\((?P<plate>\d+),')
Part = tuple[str, str]  # the name of a plate, and its lines


def plates_of(filename: str, text: str, file_format: Format) -> dict[str, str]:
    """The export of each plate by its name; nothing for an export of one."""
    if file_format not in PARTED:
        return {}
    parts = list(islice(PARTED[file_format](filename, text), MOST_PLATES + 1))
    if len(parts) < 2:
        return {}
    _require_apart(filename, [name for name, _ in parts])
    return dict(parts)


def plates_of_workbook(filename: str, sheets: Grid, file_format: Format) -> list[str]:
    """The name of each plate, as above; its reader takes it."""
    if file_format not in PARTED_WORKBOOKS:
        return []
    names = PARTED_WORKBOOKS[file_format](filename, sheets)
    if len(names) < 2:
        return []
    _require_apart(filename, names)
    return names


def _require_apart(filename: str, names: list[str]) -> None:
    if len(names) > MOST_PLATES:
        raise UnableToRead(f"{filename} holds more than {MOST_PLATES} plates; export them in several files.")
    for name in names:
        if not name or names.count(name) > 1:
            what = f"two plates are called “{name}”" if name else "a plate has no name"
            raise UnableToRead(
                f"{filename} holds {len(names)} plates ({', '.join(names)}): {what}; name them apart or export one "
                "plate per file."
            )


def _gen5(_filename: str, text: str) -> Iterator[Part]:
    """Each plate begins with the version of the software."""
    lines = text.split("\n")
    starts = [at for at, line in enumerate(lines) if line.startswith("Software Version\t")]
    for start, end in _stretches(lines, starts):
        named = next((line for line in lines[start:end] if line.startswith("Plate Number\t")), "")
        yield named.partition("\t")[2].strip(), _alone(lines, start, end)


def _msd_workbench(_filename: str, text: str) -> Iterator[Part]:
    """Each plate begins with a line that names it, alone in its row, before the line of the columns."""
    lines = text.split("\n")
    starts = [
        at
        for at, line in enumerate(lines)
        if line.startswith("Plate_") and not line.partition(",")[2].strip(",")
    ]
    for start, end in _stretches(lines, starts):
        yield lines[start].partition(",")[0].removeprefix("Plate_").strip(), _alone(lines, start, end)


def _softmax_pro(filename: str, text: str) -> Iterator[Part]:
    """A plate with every group; a group says of each well on which plate it is."""
    lines = text.split("\n")
    starts = [at for at, line in enumerate(lines) if line.startswith(("Plate:\t", "Group:", "Note:"))]
    blocks = list(_stretches(lines, starts))
    titles = [lines[start].split("\t") for start, _ in blocks]
    plates = [at for at, title in enumerate(titles) if title[0] == "Plate:"]
    if len(plates) < 2:
        return
    for (start, end), title in zip(blocks, titles, strict=True):
        if title[0].startswith("Group:") and "WellPlateName" not in "".join(lines[start + 1 : end][:1]):
            raise UnableToRead(
                f"{filename}, line {start + 1}: “{title[0]}” does not say on which of {len(plates)} plates its "
                "wells are; export it with the column WellPlateName, or one plate per file."
            )
    for at in plates:
        own = list(lines)
        own[0] = f"##BLOCKS= {len(blocks) - len(plates) + 1}"
        for other in plates:
            start, end = blocks[other]
            last = next((line for line in range(start, end) if lines[line].strip() == END), end - 1)
            if other != at:
                own[start : last + 1] = [""] * (last + 1 - start)
        yield titles[at][1].strip(), "\n".join(own)


def _xponent(_filename: str, text: str) -> Iterator[Part]:
    """Wells are told by block, and of each well on which plate it is; a plate has a number and no name."""
    lines = text.split("\n")
    numbers = [found["plate"] if (found := LOCATION.match(line)) else "" for line in lines]
    starts = [at for at, line in enumerate(lines) if line.lstrip('"').startswith("DataType:")]
    blocks = list(_stretches(lines, starts))
    for plate in dict.fromkeys(number for number in numbers if number):
        own = lines[: blocks[0][0]] if blocks else []
        for start, end in blocks:
            kept = [at for at in range(start, end) if numbers[at] in ("", plate)]
            first = next((at for at in kept if numbers[at]), start)
            before = len([at for at in range(start, first) if numbers[at] not in ("", plate)])
            after = end - start - len(kept) - before
            own += [*[""] * before, *(lines[at] for at in kept), *[""] * after]
        yield f"Plate {plate}", "\n".join(own)


def _by_column(name: str) -> Callable[[str, str], Iterator[Part]]:
    """Each row names its plate."""

    def parts(filename: str, text: str) -> Iterator[Part]:
        lines = text.split("\n")
        head, *rows = _cells(filename, lines)
        if name in head:
            at = head.index(name)
            yield from _by_row(lines, ["", *(row[at] if len(row) > at else "" for row in rows)])

    return parts


def _qiacuity(filename: str, text: str) -> Iterator[Part]:
    """The first row of each plate names it."""
    lines = text.split("\n")
    rows = _cells(filename, lines)
    names, plate = [""] * min(len(rows), 2), ""
    for row in rows[2:]:
        plate = plate_of(dict(zip(rows[1], row, strict=False))) or plate
        names.append(plate if any(row) else "")
    yield from _by_row(lines, names)


def _cells(filename: str, lines: list[str]) -> list[list[str]]:
    try:
        return [[cell.strip() for cell in next(csv.reader([line]), [])] for line in lines]
    except csv.Error as error:
        raise UnableToRead(f"{filename} has a line that is none of such a file ({error}).") from error


def _by_row(lines: list[str], names: list[str]) -> Iterator[Part]:
    """A row that names no plate belongs to each."""
    for plate in dict.fromkeys(name for name in names if name):
        own = [line if name in ("", plate) else "" for name, line in zip(names, lines, strict=True)]
        yield plate, "\n".join(own)


def _envision(_filename: str, text: str) -> Iterator[Part]:
    """What was measured stands below “Plate information” with the number of its plate; what follows is true of all."""
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if line.startswith(END_OF_PLATES)), len(lines))
    starts = [at for at, line in enumerate(lines[:end]) if line.startswith("Plate information")]
    stretches = list(zip(starts, [*starts[1:], end], strict=False))
    plates: dict[str, list[tuple[int, int]]] = {}
    names: dict[str, str] = {}
    for start, stop in stretches:
        told = next(csv.reader(lines[start + 2 : start + 3]), [])
        number = told[0].strip() if told else ""
        plates.setdefault(number, []).append((start, stop))
        barcode = told[2].strip().removeprefix('="').removesuffix('"') if len(told) > 2 else ""
        names.setdefault(number, barcode or f"Plate {number}")
    for number, own in plates.items():
        yield names[number], _without(lines, stretches, own)


def _methodical_mind(_filename: str, text: str) -> Iterator[Part]:
    """Each table begins with its place in the stack and names the barcode of its plate, which may have several."""
    lines = text.split("\n")
    starts = [at for at, line in enumerate(lines) if line.startswith("Stack ID")]
    stretches = list(_stretches(lines, starts))
    plates: dict[str, list[tuple[int, int]]] = {}
    for start, stop in stretches:
        named = next((line for line in lines[start:stop] if line.startswith("Barcode1")), "")
        barcode = barcode_of(named.partition(":")[2].strip().removeprefix("\\t").strip())
        plates.setdefault(barcode, []).append((start, stop))
    for barcode, own in plates.items():
        yield barcode, _without(lines, stretches, own)


PARTED: dict[Format, Callable[[str, str], Iterator[Part]]] = {
    Format.GEN5: _gen5,
    Format.ENVISION: _envision,
    Format.METHODICAL_MIND: _methodical_mind,
    Format.MSD_WORKBENCH: _msd_workbench,
    Format.SOFTMAX_PRO: _softmax_pro,
    Format.XPONENT: _xponent,
    Format.INTELLIFLEX: _by_column("PLATE NAME"),
    Format.ABSOLUTE_Q: _by_column("Plate"),
    Format.QIACUITY: _qiacuity,
}


PARTED_WORKBOOKS: dict[Format, Callable[[str, Grid], list[str]]] = {
    Format.SKANIT: plates_of_skanit,
    Format.MABTECH_APEX: plates_of_apex,
}


def _stretches(lines: list[str], starts: list[int]) -> Iterator[tuple[int, int]]:
    """From each of these lines to the next one."""
    yield from zip(starts, [*starts[1:], len(lines)], strict=False)


def _alone(lines: list[str], start: int, end: int) -> str:
    return "\n".join([*[""] * start, *lines[start:end]])


def _without(lines: list[str], stretches: list[tuple[int, int]], own: list[tuple[int, int]]) -> str:
    """All lines but those of the other plates."""
    kept = list(lines)
    for start, stop in stretches:
        if (start, stop) not in own:
            kept[start:stop] = [""] * (stop - start)
    return "\n".join(kept)
