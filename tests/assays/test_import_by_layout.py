"""A plate whose file says nothing of its wells is understood by the layout of its method; another one is compared."""

import copy
import re

import pytest

from assays import catalogue, services
from assays.readers import read
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.test_layouts import as_laid_out
from tests.assays.test_pages import upload, words_of
from tests.cast import person, sign_in

pytestmark = pytest.mark.django_db


def approved_with(layout):
    content = copy.deepcopy(catalogue.IFNG_ELISA["content"]) | {"layout": layout}
    return bench.approved(catalogue.IFNG_ELISA | {"content": content})


def specimen_layout():
    return as_laid_out(read("plate.txt", bench.plate("S-1"), timezone=bench.ZONE)).content


def without_layout(content: bytes) -> bytes:
    return re.sub(r"Layout\n.*?\nResults\n", "Results\n", content.decode(), flags=re.DOTALL).encode()


@pytest.fixture
def sample():
    return bench.received_sample()


def test_it_is_computed_as_if_the_file_had_said_it(sample):
    told = bench.compute(bench.import_plate(sample))
    method = approved_with(specimen_layout())
    other = bench.received_sample()
    file = bench.store(without_layout(bench.plate(other)), kind="plate_reader")
    silent = services.import_run(
        file=file,
        method=method,
        instrument_code=bench.instrument("plate_reader").code,
        choices=bench.choices_for(other),
        reads=bench.ELISA_READS,
        lots=bench.lots_of(method),
        by=person("ana"),
    )
    assert silent.findings == []
    silent = bench.compute(silent)
    assert silent.state == told.state == "computed"
    roles = [list(run.wells.order_by("pk").values_list("position", "role")) for run in (told, silent)]
    assert roles[0] == roles[1]
    assert silent.results.get().raw_value == told.results.get().raw_value


def test_a_file_that_differs_is_imported_only_with_a_reason_and_each_well_is_named(sample):
    layout = specimen_layout()
    layout["cells"]["H12"] = {"role": "blank", "name": "BLANK9"}
    method = approved_with(layout)
    file = bench.store(bench.plate(sample), kind="plate_reader")
    given = {
        "file": file,
        "method": method,
        "instrument_code": bench.instrument("plate_reader").code,
        "choices": bench.choices_for(sample),
        "reads": bench.ELISA_READS,
        "lots": bench.lots_of(method),
        "by": person("ana"),
    }
    with pytest.raises(UnableToImport, match="H12 is empty; in the method it is blank BLANK9"):
        services.import_run(**given)
    run = services.import_run(**given, acceptance="Only one blank was left.")
    assert run.findings == ["H12 is empty; in the method it is blank BLANK9."]


def test_a_layout_of_another_plate_is_told(sample):
    approved_with(specimen_layout() | {"wells": 384})
    with pytest.raises(UnableToImport, match="8 × 12 wells, that of the method 16 × 24"):
        bench.import_plate(sample)


def test_the_page_says_whose_layout_it_shows(client, sample):
    sign_in(client, "ana")
    method = approved_with(specimen_layout())
    page = words_of(client.get(upload(client, without_layout(bench.plate(sample))).url))
    assert f"they are laid out by {method}" in page
    assert "SPL1" in page
