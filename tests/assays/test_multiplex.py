"""A multiplex plate is one run: each analyte by a curve, a range and criteria of its own, from file to report."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assays import catalogue, selectors, services
from assays.kernel.missing import Missing
from assays.readers import LayoutKind, PlateFile, read
from assays.recalculation import recalculate
from assays.report import report_content
from assays.rules.calculations import Material
from assays.rules.mapping import Choice
from assays.rules.methods import UnableToReadMethod, read_method
from assays.rules.plates import Reads
from assays.rules.values import Named
from assays.services.masking import UnableToMask
from tests import factories
from tests.assays import bench, panel
from tests.assays.calculations.sheets import computed, failed, value
from tests.assays.test_pages import words_of
from tests.cast import person, sign_in
from tests.documents.samples import pdf_text, squeezed
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.documents import record

METHOD = catalogue.CYTOKINE_PANEL
RULES = read_method(METHOD["kind"], METHOD["content"])
STIMULATED = {"IFN-γ": 1500.0, "TNF-α": 700.0, "IL-2": 900.0, "Granzyme B": 4000.0}
UNSTIMULATED = {"IFN-γ": 100.0, "TNF-α": 60.0, "IL-2": 50.0, "Granzyme B": 500.0}
SAMPLES = {"SPL1": STIMULATED, "UNS1": UNSTIMULATED}
NAMES = {
    "SPL1": Named(sample="S1", stage="pre_freeze", condition="stimulated"),
    "UNS1": Named(sample="S1", stage="pre_freeze", condition="unstimulated"),
}


def material(**given) -> Material:
    moment = datetime(2026, 11, 3, 14, 20, tzinfo=UTC)
    file = RULES.laid_out(read("panel.csv", panel.table(SAMPLES, read_at=moment, **given), timezone="UTC"))
    assert isinstance(file, PlateFile)
    assert (file.analytes, file.problems) == (panel.ANALYTES, ())
    return Material(
        settings=RULES.settings,
        results=RULES.results,
        names=NAMES,
        wells=tuple(RULES.wells_of(file, Reads())),
    )


def test_each_analyte_has_its_own_curve_and_net():
    made = material()
    outcome = computed(made, METHOD)
    assert failed(outcome) == []
    for attribute, net in (("ifng_net", 1400), ("tnfa_net", 640), ("il2_net", 850), ("granzyme_b_net", 3500)):
        assert float(value(outcome, attribute).raw) == pytest.approx(net, rel=0.01), attribute
    assert [chart["title"] for chart in outcome.kept["charts"]] == [
        f"{name}: standard curve" for name in panel.ANALYTES
    ]
    assert {"CTL1 IFN-γ", "CTL1 Granzyme B"} <= {one.name for one in outcome.controls}
    assert outcome.second_solver["agrees"]
    assert "IL-2, S1 net" in [one["name"] for one in outcome.second_solver["compared"]]
    assert computed(made, METHOD).kept == outcome.kept


def test_an_analyte_that_the_run_may_be_without_fails_alone():
    outcome = computed(material(spoilt=[("IL-2", 0), ("IL-2", 3)]), METHOD)
    assert failed(outcome) == []
    assert value(outcome, "il2_net").missing.startswith("analyte invalid: IL-2: ")
    assert float(value(outcome, "ifng_net").raw) == pytest.approx(1400, rel=0.01)
    verdicts = next(table for table in outcome.kept["tables"] if table["title"].startswith("IL-2: criteria"))
    assert "FAIL" in [row[-1] for row in verdicts["rows"]]
    assert outcome.kept["warnings"][0].startswith("IL-2 gives no result: ")


def test_one_that_is_needed_makes_the_run_invalid():
    outcome = computed(material(spoilt=[("TNF-α", 0), ("TNF-α", 3)]), METHOD)
    assert any(name.startswith("TNF-α: ") for name in failed(outcome))
    assert not any(name.startswith("IFN-γ: ") for name in failed(outcome))
    for attribute in ("ifng_net", "il2_net"):
        assert value(outcome, attribute).missing.startswith("run invalid: TNF-α: ")


def test_a_well_with_too_few_beads_is_not_read_for_that_analyte():
    outcome = computed(material(beads={("A5", "IL-2"): 49, ("A6", "IFN-γ"): 50}), METHOD)
    tables = {table["title"]: table["rows"] for table in outcome.kept["tables"]}
    row = tables["IL-2: samples, dilution by dilution"][0]
    assert "49 beads, at least 50 are needed" in row[-1] or isinstance(row[5], dict)
    assert value(outcome, "il2_net").raw is None
    assert value(outcome, "ifng_net").raw is not None


def test_a_table_that_contradicts_itself_loses_those_wells():
    moment = datetime(2026, 11, 3, 14, 20, tzinfo=UTC)
    content = panel.table(SAMPLES, read_at=moment).decode()
    rows = [
        "T-9,IL-2,5,MFI,1,2026-11-03 14:20:00,A5",
        "STD1,IL-2,5,MFI,1,2026-11-03 14:20:00,A1",
        "UNS1,TNF-α,>99,MFI,1,2026-11-03 14:20:00,H6",
    ]
    plate = RULES.laid_out(read("p.csv", (content + "\n".join(rows)).encode(), timezone="UTC"))
    assert plate.well("A5").readings["IL-2"] == Missing("the table calls this well SPL1 and T-9")
    assert "IL-2 is told twice" in plate.well("A1").readings["IL-2"].reason
    assert plate.well("H6").readings["TNF-α"] == Missing("a bound, > 99, is no signal")
    assert {problem.message for problem in plate.problems} == {"is called SPL1 and T-9", "is told twice"}


def test_nominal_values_of_the_layout_are_those_of_each_analyte_by_its_factor():
    factor = METHOD["content"]["settings"] | {
        "analytes": [one | {"nominal_times": "2"} for one in METHOD["content"]["settings"]["analytes"]]
    }
    layout = {"wells": 96, "cells": {"A1": {"role": "standard", "name": "STD1", "nominal": "400"}}}
    rules = read_method("multiplex", METHOD["content"] | {"settings": factor, "layout": layout})
    rows = [f"X,{analyte},5,MFI,1,2026-11-03 14:20:00,A1" for analyte in panel.ANALYTES]
    table = read("p.csv", "\n".join([panel.HEAD_WITH_WELLS, *rows]).encode(), timezone="UTC")
    named = rules.laid_out(table)
    assert {facts.nominal for facts in rules.wells_of(named, Reads())} == {None}  # it has a layout of its own
    wells = tuple(replace(well, layout_name="", group="", kind=LayoutKind.EMPTY) for well in named.wells)
    laid_out = rules.laid_out(replace(named, wells=wells))
    assert {facts.nominal for facts in rules.wells_of(laid_out, Reads())} == {800}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"analytes": []}, "at least one analyte"),
        (
            {"analytes": [{"name": "IL-2", "attribute": "viability", "blank_limit": "1"}]},
            "no attribute in pg/mL",
        ),
        (
            {"analytes": [{"name": "IL-2", "attribute": "il2_net", "blank_limit": "1"}]},
            "those of the analytes",
        ),
        (
            {"analytes": [{"name": "I", "attribute": "il2_net", "blank_limit": "1", "is_needed": False}]},
            "is invalid without",
        ),
    ],
)
def test_a_panel_says_what_each_analyte_is(change, words):
    content = METHOD["content"] | {"settings": METHOD["content"]["settings"] | change}
    with pytest.raises(UnableToReadMethod, match=words):
        read_method("multiplex", content)


def imported(sample, **given):
    method = bench.method_of(METHOD)
    reader = bench.instrument("plate_reader").code
    content = panel.table(SAMPLES, read_at=bench.an_hour_ago(), **given)
    file = services.store_file(
        filename="panel.csv", content=content, instrument_code=reader, by=person("ana")
    )
    return services.import_run(
        file=file,
        method=method,
        instrument_code=reader,
        choices={
            "1": Choice(sample_name=str(sample), condition="stimulated"),
            "2": Choice(sample_name=str(sample), condition="unstimulated"),
        },
        lots=bench.lots_of(method),
        by=person("ana"),
    )


@pytest.mark.django_db
def test_from_a_table_to_one_run_one_report_and_a_masked_analyte(client):
    sample = bench.received_sample()
    run = imported(sample)
    with refused("one_row_per_well"):
        sql(
            "INSERT INTO assays_well (run_id, position, role, instrument_name, mapped_sample_id, signal, missing, "
            "analyte, place) SELECT run_id, position, role, instrument_name, mapped_sample_id, signal, missing, "
            "analyte, place FROM assays_well WHERE run_id = %s LIMIT 1",
            run.pk,
        )
    bench.compute(run)
    assert run.state == "computed", run.outcome["criteria"]
    assert {result.attribute: result.in_words for result in run.results.all()} == {
        "ifng_net": "1400 pg/mL",
        "tnfa_net": "640 pg/mL",
        "il2_net": "850 pg/mL",
        "granzyme_b_net": "3501 pg/mL",
    }
    assert run.wells.count() == 4 * (14 + 2 + 2 + 4)

    services.mask_wells(run=run, positions={"A5"}, analyte="IL-2", reason="A clot, seen.", by=person("ana"))
    bench.compute(run)
    first, second = run.computations.all()
    assert [first.outcome["values"][str(sample)][n] for n in (0, 1, 3)] == [
        second.outcome["values"][str(sample)][n] for n in (0, 1, 3)
    ]
    assert first.outcome["values"][str(sample)][2] != second.outcome["values"][str(sample)][2]
    with pytest.raises(UnableToMask, match="A5 IL-2 is masked already"):
        services.mask_wells(run=run, positions={"A5"}, analyte="IL-2", reason="Again.", by=person("ana"))
    services.mask_wells(run=run, positions={"A1"}, reason="A bubble.", by=person("ana"))
    bench.compute(run)
    assert run.maskings.filter(computation=3).count() == 4  # the well of every analyte
    for computation in run.computations.all():
        assert recalculate(computation).is_identical

    sign_in(client, "ana")
    page = client.get(f"{run.get_absolute_url()}?well=A5&analyte=IL-2").content.decode()
    for words in ("Well A5, IL-2", "every analyte", "IL-2: curve, criteria", "Cytokine panel kit", "A5 IL-2"):
        assert words in page, words
    found = selectors.run_with_everything(run.pk)
    text = pdf_text(record(report_content(found, generated_at=factories.NOW)))
    for words in ("A1 IFN-γ", "100 beads", "Granzyme B: standard curve", "Cytokine panel kit"):
        assert squeezed(words) in text, words


@pytest.mark.django_db
def test_it_is_reviewed_by_exception_and_everything_stands_below(client):
    """What failed is told first and unfolded; of what passed nothing is left out."""
    run = bench.compute(imported(bench.received_sample(), spoilt=[("IL-2", 0), ("IL-2", 3)]))
    sign_in(client, "ines")
    for address in (run.get_absolute_url(), f"{run.get_absolute_url()}/review"):
        response = client.get(address)
        analytes = {one.name: one for one in response.context["analytes"].analytes}
        assert {name for name, one in analytes.items() if one.failed} == {"IL-2"}
        assert [len(one.criteria) for one in analytes.values()] == [8, 8, 7, 8]  # no curve, no second solver
        assert not response.context["analytes"].others
        page = response.content.decode()
        folds = re.findall(r'<details class="folded"( open)?>\s*<summary[^>]*>([^:]+):', page)
        assert folds == [(" open" if name == "IL-2" else "", name) for name in panel.ANALYTES]
        assert page.count("Standards and controls read back</h3>") == 4
        words = squeezed(words_of(response))
        assert squeezed("all 8 met") in words
        [highest] = [one for one in analytes["Granzyme B"].criteria if one["name"].startswith("Highest")]
        assert re.fullmatch(r"[\d.]+\s%, CV [\d.]+\s%", highest["in_words"]), highest


@pytest.mark.django_db
def test_an_analyte_that_is_valid_and_has_no_value_is_unfolded_too(client):
    run = bench.compute(imported(bench.received_sample(), beads={("A5", "TNF-α"): 20}))
    sign_in(client, "ines")
    shown = client.get(run.get_absolute_url()).context["analytes"].analytes
    assert [one.name for one in shown if one.is_exception] == ["TNF-α"]
    assert not any(one.failed for one in shown)
