"""EnVision, Kaleido, Methodical Mind, SMART Control and Cellaca MX, from the stored file to a result."""

import pytest

from assays import catalogue
from assays.readers import read
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.test_import_instruments import method, run_of, specimen_of_two
from tests.assays.test_layouts import as_laid_out
from tests.assays.test_pages import upload, words_of
from tests.cast import sign_in
from tests.data.specimens.envision import envision
from tests.data.specimens.kaleido import kaleido_2, kaleido_3
from tests.data.specimens.matrix import matrix, matrix_flat
from tests.data.specimens.methodical_mind import methodical_mind
from tests.data.specimens.smart_control import smart_control

pytestmark = pytest.mark.django_db
US = "%m/%d/%Y %I:%M:%S %p"


@pytest.fixture
def sample():
    return bench.received_sample()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("EnVision", lambda at: envision(f"{at:{US}}", f"{at:{US}}")),
        ("Kaleido", lambda at: kaleido_2(at.isoformat())),
        ("Kaleido", lambda at: kaleido_3(f"{at:%Y-%m-%d %H:%M:%S}")),
    ],
)
def test_an_elisa_gives_what_gen5_gives_whoever_read_it(sample, name, written):
    measured = bench.an_hour_ago()
    run = run_of(
        "elisa.csv",
        bench.choices_for(sample, bench.received_sample()),
        of=method(catalogue.IFNG_ELISA, formats=[name], layout=specimen_of_two()),
        kind="plate_reader",
        content=written(measured).encode(),
        reads=bench.ELISA_READS,
        plate_scanned="PL-0042",
    )
    assert (run.state, run.findings, run.plate_read) == ("computed", [], "PL-0042")
    assert run.measured_at == measured
    assert 4600 < run.results.get(sample=sample).raw_value < 5100  # 4850 pg/mL went in


@pytest.mark.parametrize(
    ("name", "signal", "plate", "written"),
    [
        (
            "MSD Methodical Mind",
            "IFN-g",
            "PL0042",
            lambda at: methodical_mind(f"{at:%m/%d/%Y\t%H:%M:%S %Z}").encode(),
        ),
        (
            "BMG SMART Control",
            "485,530",
            "PL-0042",
            lambda at: smart_control(f"{at:%m/%d/%Y}", f"{at:%I:%M:%S %p}"),
        ),
    ],
)
def test_counts_of_light_are_computed_like_absorbance(sample, name, signal, plate, written):
    """SMART Control has the layout in its file, and X1 to X4 are said to be what they are."""
    own = as_laid_out(read("plate.xlsx", smart_control(), timezone=bench.ZONE)).content
    light = method(
        catalogue.IFNG_ELISA,
        formats=[name],
        reads={"signal": signal, "reference": ""},
        settings={"blank_limit": "10000"},
        layout=specimen_of_two() if name == "MSD Methodical Mind" else own,
    )
    run = run_of(
        "light.dat",
        bench.choices_for(sample, bench.received_sample()),
        of=light,
        kind="plate_reader",
        content=written(bench.an_hour_ago()),
        reads=Reads(signal=signal),
        plate_scanned=plate,
    )
    assert (run.state, run.findings, run.plate_read) == ("computed", [], plate)
    assert run.wells.filter(role="standard").order_by("position").first().nominal == 1000
    assert 4600 < run.results.get(sample=sample).raw_value < 5100


def test_the_spots_of_methodical_mind_are_the_analytes_of_a_panel(sample):
    """The shipped method reads them; its layout says what the wells hold."""
    names = {"IFN-γ": "ifng_net", "IL-2": "il2_net"}
    analytes = [
        {"name": name, "attribute": attribute, "blank_limit": "10000", "is_needed": True}
        for name, attribute in names.items()
    ]
    results = catalogue.CYTOKINE_PANEL["content"]["results"]
    panel = method(
        catalogue.CYTOKINE_PANEL,
        layout=specimen_of_two(),
        settings={"analytes": analytes},
        results=[result for result in results if result["attribute"] in names.values()],
    )
    measured = bench.an_hour_ago()
    run = run_of(
        "panel.txt",
        bench.choices_for(sample, bench.received_sample()),
        of=panel,
        kind="plate_reader",
        content=methodical_mind(f"{measured:%m/%d/%Y\t%H:%M:%S %Z}", assays="IFN-γ,IL-2,,").encode(),
        plate_scanned="PL0042",
    )
    assert (run.state, run.findings, run.measured_at) == ("computed", [], measured)
    found = {result.attribute: result.raw_value for result in run.results.filter(sample=sample)}
    assert found.keys() == {"ifng_net", "il2_net"}
    assert all(
        4500 < value < 5200 for value in found.values()
    )  # half the light at every level is the same curve


def counted(sample, content: str, **given):
    """The second well is another sample, the third one failed."""
    chosen = {"1": Choice(sample_name=str(sample)), "2": Choice(sample_name=str(bench.received_sample()))}
    return run_of(
        "counts.csv",
        chosen | {"3": Choice(left_out="An image failed.")},
        of=method(catalogue.CELL_COUNT, formats=["Revvity Matrix"]),
        kind="cell_counter",
        content=named(content, sample).encode(),
        **given,
    )


def named(content: str, sample) -> str:
    return content.replace("TIL-0001-D22", str(sample)).replace("TIL-0002-D22", "other")


def test_a_count_of_cellaca_is_a_viability(sample):
    measured = bench.an_hour_ago()
    run = counted(sample, matrix(f"{measured:{US}}"), acceptance="The bags are not filled yet.")
    assert run.results.get(sample=sample, attribute="viability").in_words == "90.0 %"
    assert run.measured_at == measured


def test_when_an_undated_count_was_made_somebody_says_and_it_is_on_record(sample):
    with pytest.raises(UnableToImport, match="does not say when it was measured"):
        counted(sample, matrix_flat())
    measured = bench.an_hour_ago()
    run = counted(sample, matrix_flat(), measured=measured, acceptance="The export has no date.")
    assert run.measured_at == run.results.get(sample=sample, attribute="viability").performed_at == measured
    assert "was entered by hand" in run.findings[0]


def test_the_page_asks_when_an_undated_count_was_made(client):
    bench.store(matrix().encode(), kind="cell_counter")
    method(catalogue.CELL_COUNT, formats=["Revvity Matrix"])
    sign_in(client, "ana")
    answer = upload(client, matrix_flat().encode(), name="counts.csv", kind="cell_counter")
    page = words_of(client.get(answer.url))
    assert "Measured at; the file does not say" in page
    assert "Revvity Cellaca MX · 3 counted samples" in page
