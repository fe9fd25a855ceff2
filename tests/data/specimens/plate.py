"""The plate that the plate readers' specimens hold: that of the Gen5 file, so that one assay is computed from each."""

from assays.readers import PlateFile, Well, read
from tests.data.make_gen5_plate import PLATE, TIMEZONE

ROWS, COLUMNS = "ABCDEFGH", range(1, 13)
SOURCE = read("gen5.txt", PLATE.encode(), timezone=TIMEZONE)
assert isinstance(SOURCE, PlateFile)
WELLS: dict[str, Well] = {well.position: well for well in SOURCE.wells}


def reading(position: str, label: str) -> str:
    value = WELLS[position].readings[label]
    return f"{value:f}" if hasattr(value, "as_tuple") else ""


def grid(label: str) -> list[list[str]]:
    """Every well, those that hold nothing as the plastic alone."""
    return [[reading(f"{row}{column}", label) or "0.041" for column in COLUMNS] for row in ROWS]


def used() -> list[Well]:
    return [well for well in WELLS.values() if well.layout_name]


def signal(well: Well) -> int:
    """Counts of light in place of absorbance."""
    return round(float(well.difference("450", "620")) * 100_000)  # type: ignore[arg-type]


def dilution_of(well: Well) -> str:
    return f"{well.dilution_factor}" if well.group.startswith(("SPL", "UNS")) else "1"
