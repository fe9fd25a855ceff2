"""Files of real instruments, where the folder that keeps them is present, end as a run or with the right words."""

import pytest

from assays import catalogue
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.services.files import UnableToStore
from assays.services.imports import UnableToImport
from tests import factories
from tests.assays import bench
from tests.readers.shared import REAL, needs_real_files

pytestmark = [pytest.mark.django_db, needs_real_files]
LATE = "Archive file, imported to try the reader."


def real(name: str) -> bytes:
    return (REAL / name).read_bytes()


def test_the_real_plate_has_a_straight_line_for_a_curve_and_is_invalid():
    sample = bench.received_sample()
    chosen = {
        "1": Choice(sample_name=str(sample), condition="stimulated"),
        "2": Choice(sample_name=str(sample), condition="unstimulated"),
    } | {str(key): Choice(left_out="Not a sample of ours.") for key in range(3, 7)}
    run = bench.import_plate(
        content=real("gen5_elisa_standard_curve.txt"),
        choices=chosen,
        reads=Reads(signal="630"),
        acceptance=LATE,
    )
    bench.compute(run)
    [curve] = [criterion for criterion in run.outcome["criteria"] if criterion["name"] == "Standard curve"]
    assert (run.state, curve["passed"]) == ("invalid", False)
    assert curve["value"] == {"missing": "upper asymptote not estimable"}
    assert not run.results.exists()


def test_the_real_counter_file_is_imported_but_for_the_row_with_errors():
    samples = [bench.received_sample() for _ in range(9)]
    for sample in samples:
        factories.make_bags(sample.order, count=1)
    rows = [key for key in range(1, 11) if key != 7]
    chosen = {
        str(row): Choice(sample_name=str(sample)) for row, sample in zip(rows, samples, strict=True)
    } | {"7": Choice(left_out="CLB008: the counter wrote ERROR.")}
    run = bench.import_counts(content=real("vi_cell_blu.csv"), choices=chosen, acceptance=LATE)
    viability = run.results.get(sample=samples[0], attribute="viability")
    assert (run.state, run.results.count(), viability.in_words) == ("computed", 18, "96.9 %")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gen5_bad_garbage.txt", "no export of an instrument known here"),
        ("gen5_bad_no_results.txt", "Results"),
        ("softmax_pro_bad_duplicate_plate.txt", "two plates are called “Plate01”"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(name, words):
    with pytest.raises(UnableToStore, match=words) as refusal:
        bench.store(real(name), kind="plate_reader", filename=name)
    assert refusal.value.field == "file"


def test_a_luminescence_plate_is_not_read_by_the_elisa():
    content = {part: said for part, said in catalogue.IFNG_ELISA["content"].items() if part != "layout"}
    bench.approved(catalogue.IFNG_ELISA | {"content": content})
    with pytest.raises(UnableToImport, match="There is no standard well above 0 pg/mL"):
        bench.import_plate(
            content=real("gen5_luminescence.txt"), choices={}, reads=Reads(signal="Lum"), acceptance=LATE
        )
