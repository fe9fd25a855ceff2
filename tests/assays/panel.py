"""A cytokine panel as our own table of values: each analyte by a curve and concentrations of its own."""

from collections.abc import Mapping

from assays.readers.table import HEAD_WITH_WELLS

ANALYTES = ("IFN-γ", "TNF-α", "IL-2", "Granzyme B")
TOP = {"IFN-γ": 10_000.0, "TNF-α": 5_000.0, "IL-2": 8_000.0, "Granzyme B": 20_000.0}
LEVELS = 7
BLANK = 20.0


def signal(analyte: str, pg_per_ml: float) -> float:
    """A 4PL of each analyte's own height and place."""
    scale = 1 + ANALYTES.index(analyte)
    return BLANK + 30_000 * scale / (1 + (TOP[analyte] / 10 / pg_per_ml) ** 1.2) if pg_per_ml else BLANK


def table(
    samples: Mapping[str, Mapping[str, float]],
    *,
    read_at,
    beads: Mapping[tuple[str, str], int] | None = None,
    spoilt=(),
    control=1.0,
) -> bytes:
    """`samples`: name in the file → pg/mL of each analyte, undiluted. `beads`: those of a well and analyte, else 100;
    wells of `spoilt` (analyte, level) read half. Columns 1 and 2 hold standards, 3 and 4 a control, 5 and 6 samples."""
    moment = f"{read_at:%Y-%m-%d %H:%M:%S}"
    rows = []

    def well(name: str, position: str, analyte: str, value: float, nominal: float | None = None) -> None:
        rows.append((name, analyte, f"{value:.4f}", "MFI", 1, moment, position))
        rows.append(
            (name, analyte, (beads or {}).get((position, analyte), 100), "beads", 1, moment, position)
        )
        if nominal is not None:
            rows.append((name, analyte, f"{nominal:.6f}", "pg/mL", 1, moment, position))

    for analyte in ANALYTES:
        for level in range(LEVELS):
            nominal = TOP[analyte] / 4**level
            for column, wobble in ((1, 1.004), (2, 0.996)):
                read = signal(analyte, nominal) * wobble * (0.5 if (analyte, level) in spoilt else 1)
                well(f"STD{level + 1}", f"{'ABCDEFG'[level]}{column}", analyte, read, nominal)
        for column in (1, 2):
            well("BLK", f"H{column}", analyte, BLANK)
        for column, wobble in ((3, 1.003), (4, 0.997)):
            middle = TOP[analyte] / 20
            well("CTL1", f"A{column}", analyte, signal(analyte, middle * control) * wobble, middle)
        for row, (name, found) in enumerate(samples.items()):
            for column, wobble in ((5, 1.005), (6, 0.995)):
                well(name, f"{'ABCDEFGH'[row]}{column}", analyte, signal(analyte, found[analyte]) * wobble)
    return "\n".join([HEAD_WITH_WELLS, *(",".join(map(str, row)) for row in rows), ""]).encode()
