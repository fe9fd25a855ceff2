from datetime import UTC, datetime
from decimal import Decimal

import pytest

from assays.readers import read
from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv
from tests.data.make_gen5_plate import FILES
from tests.readers.shared import OWN

READ_AT = datetime(2026, 7, 1, 22, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize("name", FILES)
def test_the_committed_files_are_what_the_script_writes(name):
    assert (OWN / name).read_text(encoding="utf-8") == FILES[name]


def test_the_same_seed_writes_the_same_plate_and_another_seed_another_one():
    def plate(seed):
        samples = [AssayedSample(name="S1", net_pg_per_ml=900)]
        return gen5_plate(samples=samples, read_at=READ_AT, timezone="Asia/Tokyo", seed=seed)

    assert plate(7) == plate(7)
    assert plate(7) != plate(8)


def test_a_written_plate_reads_back_with_its_time_and_names():
    text = gen5_plate(
        samples=[AssayedSample(name=f"S{i}", net_pg_per_ml=800 * i) for i in range(1, 10)],
        read_at=READ_AT,
        timezone="Asia/Tokyo",
        plate_name="PL-0042",
    )
    plate = read("plate.txt", text.encode(), timezone="Asia/Tokyo")

    assert plate.problems == ()
    assert (plate.plate_name, plate.measured_at) == ("PL-0042", READ_AT)
    assert {well.sample_name for well in plate.wells if well.group in ("SPL9", "UNS9")} == {"S9"}


def test_a_tenth_sample_does_not_fit():
    samples = [AssayedSample(name="", net_pg_per_ml=800)] * 10

    with pytest.raises(ValueError, match="10 samples need 50 pairs of wells; a plate has 48"):
        gen5_plate(samples=samples, read_at=READ_AT, timezone="UTC")


def test_a_written_count_reads_back_to_the_minute():
    count = CountedSample(
        name="S1", viable_cells_per_ml=3.25e6, viability_percent=87.5, counted_at=READ_AT.replace(second=0)
    )
    counts = read("c.csv", vicell_csv([count], timezone="Asia/Tokyo").encode(), timezone="Asia/Tokyo")

    assert counts.problems == ()
    assert counts.rows[0].viable_cells_per_ml == Decimal(3250000)
    assert counts.rows[0].viability_percent == Decimal("87.50")
    assert counts.rows[0].counted_at == READ_AT.replace(second=0)
