"""Writes the instrument files of this folder: `python -m tests.data.make_gen5_plate`."""

from datetime import UTC, datetime
from pathlib import Path

from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv

TIMEZONE = "America/New_York"

PLATE = gen5_plate(
    samples=(
        AssayedSample(name="TIL-0001-D22", net_pg_per_ml=4850, unstimulated_pg_per_ml=120),
        AssayedSample(name="TIL-0002-D22", net_pg_per_ml=180, unstimulated_pg_per_ml=60),
    ),
    read_at=datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC),
    timezone=TIMEZONE,
)

COUNTS = (
    CountedSample(
        name="TIL-0001-D11",
        viable_cells_per_ml=0.62e6,
        viability_percent=91.35,
        counted_at=datetime(2026, 11, 9, 14, 10, tzinfo=UTC),
    ),
    CountedSample(
        name="TIL-0001-D16",
        viable_cells_per_ml=7.85e6,
        viability_percent=93.2,
        counted_at=datetime(2026, 11, 14, 15, 25, tzinfo=UTC),
    ),
    CountedSample(
        name="TIL-0001-D22",
        viable_cells_per_ml=23.4e6,
        viability_percent=89.75,
        counted_at=datetime(2026, 11, 20, 13, 5, tzinfo=UTC),
    ),
)
FAILED_COUNT = CountedSample(
    name="TIL-0002-D16",
    viable_cells_per_ml=6.1e6,
    viability_percent=88.4,
    counted_at=datetime(2026, 11, 14, 15, 40, tzinfo=UTC),
    failed=True,
)

FILES = {
    "gen5_ifng_elisa.txt": PLATE,
    "vi_cell_blu_clean.csv": vicell_csv(COUNTS, timezone=TIMEZONE),
    "vi_cell_blu_error.csv": vicell_csv((*COUNTS[:2], FAILED_COUNT), timezone=TIMEZONE),
}


def main() -> None:
    for name, text in FILES.items():
        (Path(__file__).parent / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
