"""Bio-Plex Manager (Bio-Rad multiplex): one plate per XML export. Each analyte is a reading of the well, by median
fluorescence, with the number of beads behind it.
"""

from collections.abc import Iterator
from typing import Any

from assays.readers.cells import Cell
from assays.readers.conversion import Converted, convert
from assays.readers.markup import local, read_markup
from assays.readers.plates import Content, Plate, plate_file, require_size
from assays.readers.positions import position_at
from assays.readers.records import Format, LayoutKind, PlateFile, UnableToRead

KINDS = {
    "Blank": LayoutKind.BLANK,
    "Control": LayoutKind.CONTROL,
    "Standard": LayoutKind.STANDARD,
    "Unknown": LayoutKind.OTHER,
}
FORMS = ("%Y-%m-%dT%H:%M:%SZ",)


def read_bioplex(filename: str, text: str, *, timezone: str) -> PlateFile:
    """Times of the export are UTC already."""
    root = read_markup(filename, text)
    dimensions = root.find("PlateDimensions")
    if dimensions is None or root.find("Wells") is None or root.find("Samples") is None:
        raise UnableToRead(f"{filename} is a Bio-Plex file without its plate, samples or wells.")
    size = require_size(filename, _whole(dimensions, "Rows"), _whole(dimensions, "Columns"))
    contents, analytes = _contents(filename, root.find("Samples"), size)
    readings: dict[str, dict[str, Cell]] = {}
    beads: dict[str, dict[str, Cell]] = {}
    moments = []
    plates = set()
    for element in root.find("Wells").iter("Well"):
        well = _position(filename, element, size)
        plates.add(_text(element, "PlateID"))
        moments.append(_text(element, "AcquisitionTime"))
        for region in element.iter("BeadRegion"):
            analyte = analytes.get(region.get("RegionNumber", ""))
            if analyte is None:
                continue
            if well in readings.setdefault(analyte, {}):
                raise UnableToRead(f"{filename}: {analyte} in well {well} is there twice.")
            readings[analyte][well] = _cell(region, "Median")
            beads.setdefault(analyte, {})[well] = _cell(region, "RegionCount")
    if len(plates) > 1:
        raise UnableToRead(
            f"{filename} holds wells of several plates ({', '.join(sorted(plates))}); export one plate per file."
        )
    if not readings:
        raise UnableToRead(f"{filename} holds no well with counted beads.")
    return plate_file(
        Plate(readings=readings, beads=beads, contents=contents, size=size),
        file_format=Format.BIOPLEX,
        converted=Converted(convert(filename, text, Format.BIOPLEX, timezone="UTC")),
        timezone="UTC",
        forms=FORMS,
        clock=Cell(max(moments, default=""), 0),
        instrument="Bio-Rad Bio-Plex",
        software=f"Bio-Plex Manager {root.get('BioPlexManagerVersion', '')}".strip(),
        plate_name="".join(plates) or _text(root, "NativeDocumentName"),
        is_named=any(plates),
        is_multiplex=True,
    )


def _contents(
    filename: str, samples: Any, size: tuple[int, int]
) -> tuple[dict[str, Content], dict[str, str]]:
    """What each well holds, and the name of the analyte in each region of beads."""
    contents: dict[str, Content] = {}
    analytes: dict[str, str] = {}
    for kind, sample, member in _members(samples):
        well, name = _position(filename, member, size), _text(sample, "Label")
        for analyte in member.iter("MWAnalyte"):
            analytes[analyte.get("RegionNumber", "")] = _text(analyte, "AnalyteName")
        if well in contents:
            raise UnableToRead(f"{filename}: the well {well} holds two samples.")
        contents[well] = Content(
            name=name,
            kind=kind,
            sample_name=_text(sample, "Description") or name,
            dilution=_cell(sample, "Dilution"),
            nominals={
                _text(analyte, "AnalyteName"): _cell(analyte, "ExpectedConc")
                for analyte in (sample.iter("Analyte") if kind is LayoutKind.STANDARD else ())
                if _text(analyte, "ExpectedConc")
            },
        )
    return contents, analytes


def _members(samples: Any) -> Iterator[tuple[LayoutKind, Any, Any]]:
    for group in samples:
        for sample in group:
            kind = KINDS.get(local(sample.tag))
            if kind is not None:
                yield from ((kind, sample, member) for member in sample.iter("MemberWell"))


def _position(filename: str, element: Any, size: tuple[int, int]) -> str:
    row, column = _whole(element, "RowNo"), _whole(element, "ColNo")
    if not (1 <= row <= size[0] and 1 <= column <= size[1]):
        raise UnableToRead(f"{filename}: row {row}, column {column} is no well of its plate.")
    return position_at(row - 1, column - 1)


def _whole(element: Any, name: str) -> int:
    text = element.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _text(element: Any, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _cell(element: Any, name: str) -> Cell:
    return Cell(_number(_text(element, name)), 0)


def _number(text: str) -> str:
    """6.20000000000000000E+001 without what says nothing."""
    mantissa, e, exponent = text.partition("E")
    if not e or not exponent.lstrip("+-").isdigit() or "." not in mantissa:
        return text
    return f"{mantissa.rstrip('0').rstrip('.')}E{int(exponent)}"
