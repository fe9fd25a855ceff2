"""From the files of many instruments to results: what was read is computed, whoever wrote it."""

import copy
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from assays import catalogue, services
from assays.models import InstrumentFile, Run
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.services.imports import UnableToImport
from tests.assays import bench
from tests.assays.test_pages import upload, words_of
from tests.cast import person, sign_in
from tests.data.make_instrument_files import FILES

pytestmark = pytest.mark.django_db
# The clock of each file, as its instrument writes it.
CLOCKS = {
    "bmg_mars.csv": (r"11/20/2026,Time: 10:04:05 AM", "%m/%d/%Y,Time: %I:%M:%S %p"),
    "quantstudio.txt": (r"2026-11-20 10:04:05 AM EST", "%Y-%m-%d %I:%M:%S %p %Z"),
    "nucleoview.csv": (r"20261120 143016", "%Y%m%d %H%M%S"),
    "flowjo.wsp": (r"20-NOV-2026", "%d-%b-%Y"),
    "msd_workbench.csv": (r"$^", ""),
    "intelliflex.csv": (r"2026-11-20 10:04:05", "%Y-%m-%d %H:%M:%S"),
    "immunospot.txt": (r"Fri Nov 20 10:04:05 2026", "%a %b %d %H:%M:%S %Y"),
}


def fresh(name: str, **replaced: str) -> bytes:
    """The specimen measured an hour ago."""
    clock, form = CLOCKS[name]
    measured = bench.an_hour_ago()
    text = re.sub(
        clock, f"{measured:{form}}".upper() if form.endswith("%b-%Y") else f"{measured:{form}}", FILES[name]
    )
    if name == "nucleoview.csv":
        offset = measured.utcoffset() // timedelta(hours=1)
        text = text.replace("Time zone offset;-5", f"Time zone offset;{offset}")
    if name == "flowjo.wsp":
        text = re.sub(r"10:0\d:39", f"{measured:%H:%M:%S}", text)
    for old, new in replaced.items():
        text = text.replace(old.replace("_", "-"), new)
    return text.encode()


def method(entry: dict, **changed):
    """As shipped, for this format; without reagents, whose lots are no matter here."""
    content = copy.deepcopy(entry["content"])
    content.pop("reagents", None)
    content["settings"] = content.get("settings", {}) | changed.pop("settings", {})
    if entry["kind"] == "cell_count":
        del content["settings"]
    return bench.approved(entry | {"content": content | changed})


def run_of(name: str, chosen, *, of, kind: str, **given) -> Run:
    """Imported and, if it is not a count, computed."""
    own = bench.store(given.pop("content"), kind=kind, filename=name)
    run = services.import_run(
        file=own,
        method=of,
        instrument_code=bench.instrument(kind).code,
        choices=chosen,
        by=person("ana"),
        **given,
    )
    return run if kind == "cell_counter" else bench.compute(run)


@pytest.fixture
def sample():
    return bench.received_sample()


def test_an_elisa_read_by_bmg_gives_what_gen5_gives(sample):
    elisa = method(catalogue.IFNG_ELISA, formats=["BMG MARS"], layout=specimen_of_two())
    run = run_of(
        "bmg.csv",
        bench.choices_for(sample, bench.received_sample()),
        of=elisa,
        kind="plate_reader",
        content=fresh("bmg_mars.csv"),
        reads=bench.ELISA_READS,
        plate_scanned="PL-0042",
    )
    assert (run.state, run.findings) == ("computed", [])
    assert 4600 < run.results.get(sample=sample).raw_value < 5100  # 4850 pg/mL went in


def specimen_of_two():
    from assays.readers import read
    from tests.assays.test_layouts import as_laid_out
    from tests.data.make_gen5_plate import PLATE, TIMEZONE

    return as_laid_out(read("plate.txt", PLATE.encode(), timezone=TIMEZONE)).content


def test_msd_is_computed_by_analyte_at_the_time_that_somebody_says(sample):
    msd = method(
        catalogue.IFNG_ELISA,
        formats=["MSD Discovery Workbench"],
        reads={"signal": "IFN-γ", "reference": ""},
        settings={"blank_limit": "10000"},
    )
    given = {
        "of": msd,
        "kind": "plate_reader",
        "content": fresh("msd_workbench.csv"),
        "reads": Reads(signal="IFN-γ"),
        "plate_scanned": "PL0042",
    }
    chosen = bench.choices_for(sample, bench.received_sample())
    with pytest.raises(UnableToImport, match="does not say when it was measured") as refusal:
        run_of("msd.csv", chosen, **given)
    assert refusal.value.field == "measured_at"
    measured = bench.an_hour_ago()
    with pytest.raises(UnableToImport, match="was entered by hand"):
        run_of("msd.csv", chosen, **given, measured=measured)
    run = run_of("msd.csv", chosen, **given, measured=measured, acceptance="The export has no date.")
    assert (run.state, run.measured_at) == ("computed", measured)
    assert run.wells.filter(role="standard").first().nominal == 1000
    assert 4600 < run.results.get(sample=sample).raw_value < 5100


def test_one_analyte_of_intelliflex_is_computed_as_laid_out_by_the_method(sample):
    panel = method(
        catalogue.IFNG_ELISA,
        formats=["INTELLIFLEX"],
        reads={"signal": "IFN-g", "reference": ""},
        settings={"blank_limit": "10000"},
        layout=specimen_of_two(),
    )
    run = run_of(
        "panel.csv",
        bench.choices_for(sample, bench.received_sample()),
        of=panel,
        kind="plate_reader",
        content=fresh("intelliflex.csv"),
        reads=Reads(signal="IFN-g"),
        plate_scanned="PL-0042",
    )
    assert (run.state, run.findings) == ("computed", [])
    assert 4600 < run.results.get(sample=sample).raw_value < 5100


def test_an_elisa_read_by_skanit_gives_what_gen5_gives(sample):
    """SkanIt names the standards; how much is in them says the method."""
    elisa = method(catalogue.IFNG_ELISA, formats=["SkanIt"], layout=specimen_of_two())
    measured = f"{bench.an_hour_ago():%m/%d/%Y %I:%M:%S %p}"
    run = run_of(
        "skanit.xlsx",
        bench.choices_for(sample, bench.received_sample()),
        of=elisa,
        kind="plate_reader",
        content=with_text(FILES["skanit.xlsx"], "11/20/2026 10:04:05 AM", measured),
        reads=bench.ELISA_READS,
    )
    assert (run.state, run.findings) == ("computed", [])
    assert 4600 < run.results.get(sample=sample).raw_value < 5100


def test_reactions_of_diomni_are_judged_as_those_of_quantstudio(sample):
    pcr = method(
        catalogue.MYCOPLASMA_PCR,
        formats=["Diomni"],
        settings={"target": "Mycoplasma", "internal": "Internal control"},
    )
    other = bench.received_sample()
    run = run_of(
        "diomni.xlsx",
        {"3": Choice(sample_name=str(sample)), "4": Choice(sample_name=str(other))},
        of=pcr,
        kind="pcr_cycler",
        content=with_text(
            FILES["diomni.xlsx"],
            "2026-11-20 10:04:05 AM EST",
            f"{bench.an_hour_ago():%Y-%m-%d %I:%M:%S %p %Z}",
        ),
        plate_scanned="PL-0042",
    )
    assert (run.state, run.plate_read) == ("computed", "PL-0042")
    assert [run.results.get(sample=one).text for one in (sample, other)] == ["Not detected", "Detected"]


def with_text(workbook: bytes, old: str, new: str) -> bytes:
    book = load_workbook(io.BytesIO(workbook))
    for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
        cell.value = new if cell.value == old else cell.value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_gates_of_flowjo_become_a_net_percentage(sample):
    flow = method(catalogue.CD107A, formats=["FlowJo"])
    conditions = {"2": "stimulated", "3": "unstimulated"}
    run = run_of(
        "gates.wsp",
        {key: Choice(sample_name=str(sample), condition=one) for key, one in conditions.items()},
        of=flow,
        kind="flow_cytometer",
        content=fresh("flowjo.wsp"),
    )
    assert (run.state, run.results.get().in_words) == ("computed", "30.8 %")


def test_a_reaction_that_did_not_amplify_is_no_mycoplasma(sample):
    pcr = method(
        catalogue.MYCOPLASMA_PCR,
        formats=["QuantStudio"],
        settings={"target": "Mycoplasma", "internal": "Internal control"},
    )
    other = bench.received_sample()
    run = run_of(
        "pcr.txt",
        {"3": Choice(sample_name=str(sample)), "4": Choice(sample_name=str(other))},
        of=pcr,
        kind="pcr_cycler",
        content=fresh("quantstudio.txt"),
    )
    assert run.state == "computed"
    assert [run.results.get(sample=one).text for one in (sample, other)] == ["Not detected", "Detected"]


def test_a_count_of_chemometec_is_a_viability(sample):
    count = method(catalogue.CELL_COUNT, formats=["NucleoView NC-200"])
    run = run_of(
        "count.csv",
        {"1": Choice(sample_name=str(sample))},
        of=count,
        kind="cell_counter",
        content=fresh("nucleoview.csv", TIL_0001_D22=str(sample)),
        acceptance="The bags are not filled yet.",
    )
    assert run.results.get(attribute="viability").in_words == "91.4 %"


def test_a_file_that_no_method_reads_is_kept_and_shown(client):
    sign_in(client, "ana")
    answer = upload(client, fresh("immunospot.txt"), name="spots.txt")
    kept = InstrumentFile.objects.get()
    assert answer.url.startswith(reverse("import_preview", args=[kept.pk]))
    page = words_of(client.get(answer.url))
    assert "No approved method reads ImmunoSpot files, so nothing is computed of it" in page
    assert "95 unnamed" in page, "a well that was counted is not empty"
    assert "TNTC" in page
    assert "A1" in page
    assert (
        client.post(reverse("import_preview", args=[kept.pk])).status_code != 302 or not Run.objects.exists()
    )
    assert words_of(client.get(reverse("import"))).count("no method reads it yet") > 0
    undated = words_of(client.get(upload(client, fresh("msd_workbench.csv"), name="msd.csv").url))
    assert "no date in the file" in undated
    assert "Shown first is IFN-γ; each other analyte folds out" in undated
    assert "IL-2" in undated


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("absolute_q.csv", "pcr_cycler", ["Absolute Q", "WPRE: positive partitions", "214.12"]),
        ("absolute_q_summary.csv", "pcr_cycler", ["Absolute Q", "no date in the file"]),
        ("elispot.xlsx", "plate_reader", ["Mabtech Apex", "Average RSV", "PL-0042"]),
        ("fluorospot.xlsx", "plate_reader", ["Mabtech Apex · 17 readings · 96 wells", "LED490+LED550"]),
        ("qiacuity.csv", "pcr_cycler", ["QIAcuity", "RPP30", "87.943"]),
    ],
)
def test_every_other_file_is_kept_and_shown_too(client, name, kind, shown):
    sign_in(client, "ana")
    content = FILES[name]
    answer = upload(client, content.encode() if isinstance(content, str) else content, kind=kind, name=name)
    page = words_of(client.get(answer.url))
    assert "so nothing is computed of it" in page
    for word in shown:
        assert word in page
