"""Wells, and a Gen5 luminescence export, made by code."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from assays.readers.table import HEAD, read_table
from assays.rules.calculations import Material
from assays.rules.methods import read_method
from assays.rules.plates import WellFacts
from assays.rules.values import Named

ROWS = "ABCDEFGH"


def wells(role: str, name: str, *signals, dilution=None, nominal=None, start: str = "A1") -> list[WellFacts]:
    """Replicates side by side from `start` on; a signal that is a text is the reason why there is none."""
    row, column = start[0], int(start[1:])
    return [
        WellFacts(
            position=f"{row}{column + step}",
            role=role,
            instrument_name=name,
            dilution=None if dilution is None else Decimal(str(dilution)),
            nominal=None if nominal is None else Decimal(str(nominal)),
            signal=None if isinstance(signal, str) else Decimal(str(signal)),
            missing=signal if isinstance(signal, str) else "",
        )
        for step, signal in enumerate(signals)
    ]


def material(entry: Mapping, *groups: Sequence[WellFacts], names: Mapping[str, str], **settings) -> Material:
    """What the method of the catalogue computes with; `names` of the instrument → names of samples."""
    content = entry["content"] | {"settings": entry["content"]["settings"] | settings}
    rules = read_method(entry["kind"], content)
    return Material(
        settings=rules.settings,
        results=rules.results,
        names={name: Named(sample=sample, stage="pre_freeze") for name, sample in names.items()},
        wells=tuple(well for group in groups for well in group),
    )


def table(*rows, read_at) -> bytes:
    """Our own table: (sample, quantity, value, unit[, dilution]) by the clock of the instrument."""
    moment = f"{read_at:%Y-%m-%d %H:%M:%S}"
    lines = [",".join([*map(str, (*row, 1)[:5]), moment]) for row in rows]
    return "\n".join([HEAD, *lines, ""]).encode()


def of_table(entry: Mapping, *rows, names: Mapping[str, Named], **settings) -> Material:
    """What the method of the catalogue computes with of such rows."""
    content = entry["content"] | {"settings": entry["content"]["settings"] | settings}
    rules = read_method(entry["kind"], content)
    moment = datetime(2026, 11, 3, 14, 20)  # noqa: DTZ001 — the clock of the instrument
    read = read_table("table.csv", table(*rows, read_at=moment).decode(), timezone="UTC")
    return Material(settings=rules.settings, results=rules.results, names=names, values=read.rows)


def computed(made: Material, entry: Mapping):
    return read_method(entry["kind"], entry["content"]).calculation.compute(made)


def failed(outcome) -> list[str]:
    return [criterion.name for criterion in outcome.criteria if not criterion.passed]


def value(outcome, attribute: str, sample: str = "S1"):
    return next(value for value in outcome.values[sample] if value.attribute == attribute)


def gen5_luminescence(wells_by_position: Mapping[str, tuple[str, str, int]], *, read_at) -> bytes:
    """An export of one reading called Lum. `wells_by_position`: A1 → (Well ID, Conc/Dil, counts)."""
    heading = "\t" + "\t".join(str(column) for column in range(1, 13))
    layout, results = [heading], [heading]
    for row in ROWS:
        cells = [wells_by_position.get(f"{row}{column}", ("", "", "")) for column in range(1, 13)]
        layout.append("\t".join([row, *(cell[0] for cell in cells), "Well ID"]))
        layout.append("\t".join(["", *(cell[1] for cell in cells), "Conc/Dil"]))
        results.append("\t".join([row, *(str(cell[2]) for cell in cells), "Lum"]))
    head = (
        "\n\nSoftware Version\t3.12.08\n\n\n\nExperiment File Path:\tC:\\Gen5\\Lysis.xpt\n"
        "Protocol File Path:\tC:\\Gen5\\Lysis.prt\n\n\n\n"
        f"Plate Number\tPlate 1\nDate\t{read_at.month}/{read_at.day}/{read_at.year}\n"
        f"Time\t{read_at.hour % 12 or 12}:{read_at:%M:%S} {'PM' if read_at.hour >= 12 else 'AM'}\n"
        "Reader Type:\tSynergy H1\nReader Serial Number:\tUnknown\nReading Type\tReader\n\n"
        "Procedure Details\n\nPlate Type\t96 WELL PLATE (Use plate lid)\n"
        "Eject plate on completion\t\nRead\tLuminescence Endpoint\n\tFull Plate\n"
        "\tIntegration Time: 0:01.00 (MM:SS.ss)\n\tFilter Set 1\n\t    Emission: Full light\n"
        "\t    Optics: Top,  Gain: 135\n\tRead Speed: Normal,  Delay: 100 msec\n\n"
    )
    return (head + "\n".join(["Layout", *layout, "", "Results", *results, ""])).encode()


def masked(made: Material, *numbers: int, reason: str = "A bubble.") -> Material:
    """With these rows, counted from 1, masked by a person."""
    rows = enumerate(made.values, start=1)
    values = tuple(replace(row, masked=reason) if number in numbers else row for number, row in rows)
    return replace(made, values=values)
