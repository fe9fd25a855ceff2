"""Files in the instruments' own formats with made-up contents, for the demonstration facility and the tests.

What is written here is read back by the readers like any export. The noise is drawn from a fixed seed:
the same call writes the same file.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

ROWS, COLUMNS = "ABCDEFGH", 12
STANDARDS_PG_PER_ML = (1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 15.625)
CONTROLS_PG_PER_ML = (400.0, 50.0)
STIMULATED_DILUTIONS = (10, 40)
UNSTIMULATED_DILUTIONS = (1, 2)
SIGNAL, REFERENCE = "450", "620"
CURVE_A, CURVE_B, CURVE_C, CURVE_D = 0.06, 1.2, 400.0, 3.3  # AU, –, pg/mL, AU
RELATIVE_NOISE, ABSOLUTE_NOISE = 0.015, 0.002  # of a response; AU
WIDEST_NOISE = 2.0  # standard deviations: a good day at the bench, whatever the seed
PLASTIC = 0.04  # AU at either wavelength

# Head line of the instrument, column by column.
VI_CELL_BLU_COLUMNS = (
    "Sample ID,Cell count,Viable cells,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,Viability (%),"
    "Average diameter (μm),Average viable diameter (μm),Average circularity,Average viable circularity,"
    "Average cells per image,Average background intensity,Bubble count,Cluster count,Images for analysis,"
    "Cell type,Minimum Diameter (μm),Maximum Diameter (μm),Images,Cell sharpness,Minimum circularity,"
    "Decluster degree,Aspiration cycles,Viable spot brightness (%),Viable spot area (%),Mixing cycles,"
    "Analysis date/time,Reanalysis date/time,Analysis by,Reanalysis by,Dilution,Wash,Tag"
)
CELLS_COUNTED_PER_MILLION = 2810  # in the images of one run, at 10⁶ cells/mL


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayedSample:
    """A sample on the plate. `name` stands in Gen5's sample list; empty leaves only SPL1, SPL2, …"""

    name: str
    net_pg_per_ml: float
    unstimulated_pg_per_ml: float = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedSample:
    """A counted sample; `failed` writes the word ERROR that the instrument prints for its cell counts."""

    name: str
    viable_cells_per_ml: float
    viability_percent: float
    counted_at: datetime  # aware
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Slot:
    """Two neighbouring wells with the same content. `amount` is pg/mL, or the part of sample in the well."""

    well_id: str
    name: str
    amount: str
    pg_per_ml: float


def gen5_plate(
    *,
    samples: Sequence[AssayedSample],
    read_at: datetime,
    timezone: str,
    plate_name: str = "Plate 1",
    seed: int = 1,
) -> str:
    """A Gen5 text export of an interferon-gamma ELISA: 450 nm with reference 620 nm, everything in duplicate.

    Standards 1000 to 15.6 pg/mL and blanks in columns 1 and 2, then two controls, then per sample the
    stimulated supernatant (SPL1:1, SPL1:2; 1 in 10 and 1 in 40) and the unstimulated (UNS1:1, UNS1:2;
    undiluted and 1 in 2). Nine samples fit. `read_at` is aware and printed as the clock of `timezone`.
    """
    slots = _slots(samples)
    dice = random.Random(seed)  # noqa: S311 — laboratory noise, no secret
    layout, results = [_heading()], [_heading()]
    for row_index, row in enumerate(ROWS):
        in_row = slots[row_index :: len(ROWS)]
        wells = [slot for slot in in_row for _ in range(2)]
        layout.append(_line(row, [well.well_id for well in wells], "Well ID"))
        if any(sample.name for sample in samples):
            layout.append(_line("", [well.name for well in wells], "Name"))
        layout.append(_line("", [well.amount for well in wells], "Conc/Dil"))
        signals = [_signal(well, dice) for well in wells]
        results.append(_line(row, [signal for signal, _ in signals], SIGNAL))
        results.append(_line("", [reference for _, reference in signals], REFERENCE))
    return _gen5_head(read_at.astimezone(ZoneInfo(timezone)), plate_name) + "\n".join(
        ["Layout", *layout, "", "Results", *results, ""]
    )


def vicell_csv(counts: Sequence[CountedSample], *, timezone: str) -> str:
    """A Vi-CELL BLU export, one line per count, times as the clock of `timezone` to the minute."""
    return "\n".join([VI_CELL_BLU_COLUMNS, *(_count_line(count, timezone) for count in counts), ""])


def _slots(samples: Sequence[AssayedSample]) -> list[_Slot]:
    """Every pair of wells, down the rows and then to the right; unused pairs are empty."""
    slots = [_Slot(f"STD{i}", "", f"{c:g}", c) for i, c in enumerate(STANDARDS_PG_PER_ML, start=1)]
    slots.append(_Slot("BLK", "", "", 0.0))
    slots += [_Slot(f"CTL{i}", "", f"{c:g}", c) for i, c in enumerate(CONTROLS_PG_PER_ML, start=1)]
    for i, sample in enumerate(samples, start=1):
        stimulated = sample.net_pg_per_ml + sample.unstimulated_pg_per_ml
        for step, factor in enumerate(STIMULATED_DILUTIONS, start=1):
            slots.append(_Slot(f"SPL{i}:{step}", sample.name, f"{1 / factor:g}", stimulated / factor))
        for step, factor in enumerate(UNSTIMULATED_DILUTIONS, start=1):
            unstimulated = sample.unstimulated_pg_per_ml / factor
            slots.append(_Slot(f"UNS{i}:{step}", sample.name, f"{1 / factor:g}", unstimulated))
    most = len(ROWS) * COLUMNS // 2
    if len(slots) > most:
        raise ValueError(f"{len(samples)} samples need {len(slots)} pairs of wells; a plate has {most}.")
    return slots + [_Slot("", "", "", -1.0)] * (most - len(slots))


def _signal(slot: _Slot, dice: random.Random) -> tuple[str, str]:
    """Absorbance at the signal and the reference wavelength as printed; an empty pair is not read."""
    if not slot.well_id:
        return "", ""
    share = 1 / (1 + (slot.pg_per_ml / CURVE_C) ** CURVE_B)
    true = CURVE_D + (CURVE_A - CURVE_D) * share
    plastic = PLASTIC + _noise(dice, ABSOLUTE_NOISE / 2)
    response = true * (1 + _noise(dice, RELATIVE_NOISE)) + _noise(dice, ABSOLUTE_NOISE)
    return f"{plastic + response:.3f}", f"{plastic:.3f}"


def _noise(dice: random.Random, sd: float) -> float:
    return sd * max(-WIDEST_NOISE, min(WIDEST_NOISE, dice.gauss(0, 1)))


def _heading() -> str:
    return "\t" + "\t".join(str(column) for column in range(1, COLUMNS + 1))


def _line(row: str, cells: Sequence[str], label: str) -> str:
    return "\t".join([row, *cells, label])


def _gen5_head(clock: datetime, plate_name: str) -> str:
    hour = clock.hour % 12 or 12
    return (
        "\n\nSoftware Version\t3.12.08\n\n\n\n"
        "Experiment File Path:\tC:\\Gen5\\Experiments\\IFN-gamma release.xpt\n"
        "Protocol File Path:\tC:\\Gen5\\Protocols\\IFN-gamma ELISA 450-620.prt\n\n\n\n"
        f"Plate Number\t{plate_name}\n"
        f"Date\t{clock.month}/{clock.day}/{clock.year}\n"
        f"Time\t{hour}:{clock:%M:%S} {'PM' if clock.hour >= 12 else 'AM'}\n"
        "Reader Type:\tEpoch 2\nReader Serial Number:\t21060812\nReading Type\tReader\n\n"
        "Procedure Details\n\n"
        "Plate Type\t96 WELL PLATE (Use plate lid)\nEject plate on completion\n"
        "Read\tAbsorbance Endpoint\n\tFull Plate\n"
        f"\tWavelengths:  {SIGNAL}, {REFERENCE}\n"
        "\tRead Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 8\n\n"
    )


def _count_line(count: CountedSample, timezone: str) -> str:
    viable = count.viable_cells_per_ml / 1e6
    total = viable * 100 / count.viability_percent
    counted = "ERROR" if count.failed else str(round(total * CELLS_COUNTED_PER_MILLION))
    viable_counted = "ERROR" if count.failed else str(round(viable * CELLS_COUNTED_PER_MILLION))
    clock = count.counted_at.astimezone(ZoneInfo(timezone))
    cells = [count.name, counted, viable_counted, f"{total:.2f}", f"{viable:.2f}"]
    cells += [f"{count.viability_percent:.2f}", "8.91", "9.02", "0.89", "0.9"]
    cells += [str(round(total * 28)), "134", "0", "3", "100", "TIL", "6", "30", "100", "7", "0.1", "Medium"]
    cells += ["3", "50", "5", "3", f"{clock.month}/{clock.day}/{clock.year} {clock.hour}:{clock:%M}"]
    return ",".join([*cells, "", "Vi-CELL", "", "1", "Normal Wash", ""])
