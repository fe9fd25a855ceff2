"""A method is data with a shape: what is no method is refused by name."""

import copy

import pytest

from assays import catalogue, services
from assays.rules.layouts import Layout
from assays.rules.methods import read_method
from assays.rules.refusals import UnableToReadMethod
from assays.rules.reported import read_reported
from assays.services.methods import UnableToDraft
from tests.cast import person
from tilmfg.records.errors import NotAuthorised

pytestmark = pytest.mark.django_db


def draft(entry, **changed):
    return services.draft_method(**(entry | changed), by=person("ana"))


@pytest.mark.parametrize("entry", catalogue.CATALOGUE, ids=lambda entry: entry["code"])
def test_it_drafts_every_method_of_the_catalogue(entry):
    method = draft(entry)
    assert (method.version, method.approval) == (1, None)
    assert method.rules == read_method(entry["kind"], entry["content"])


def test_every_method_of_the_catalogue_plans_its_retests_but_the_culture():
    """Growth is invalidated by a cause in phase I or it stands; USP <71> knows no retest of a valid culture."""
    unplanned = {entry["code"] for entry in catalogue.CATALOGUE if "retest" not in entry["content"]}
    assert unplanned == {"sterility", "sterility-interim"}


def test_it_numbers_versions_of_one_code():
    assert [draft(catalogue.STERILITY).version for _ in range(3)] == [1, 2, 3]
    assert draft(catalogue.ENDOTOXIN).version == 1


def test_a_code_stays_with_its_kind_of_method():
    draft(catalogue.STERILITY)
    with pytest.raises(UnableToDraft, match="the code of another kind of method") as refusal:
        draft(catalogue.IFNG_ELISA, code=catalogue.STERILITY["code"])
    assert refusal.value.field == "code"


CONTENT = catalogue.IFNG_ELISA["content"]


def elisa_with(part, **changed):
    content = copy.deepcopy(CONTENT)
    place = content["results"][0] if part == "results" else content[part]
    place |= changed
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "“formats” is missing"),
        (
            CONTENT | {"calculation": "net_interferon"},
            "calculation: “net_interferon” is not known; allowed: ",
        ),
        (CONTENT | {"calculation": "cell_count"}, "calculation: “cell_count” is not known; allowed: "),
        (CONTENT | {"formats": ["Vi-CELL"]}, "formats: “Vi-CELL” is not known"),
        (CONTENT | {"replicates": 0}, "replicates: “0”; allowed: a whole number from 1 to 96"),
        (CONTENT | {"retest": {}}, "retest: “retests” is missing"),
        (CONTENT | {"retest": {"retests": 0}}, "retest: retests: 0 is below 1"),
        (
            CONTENT | {"reagents": ["Capture antibody", "Capture antibody"]},
            "“Capture antibody” is named twice",
        ),
        (CONTENT | {"analyst_qualification": " "}, "analyst_qualification: “ ”; a text is needed"),
        (elisa_with("settings", minimum_levels="6"), "minimum_levels: “6”; allowed: a whole number"),
        (elisa_with("settings", blank_limit=0.2), "blank_limit: “0.2” is no number"),
        (elisa_with("settings", cv_limit_percent="-1"), "cv_limit_percent: -1 is below 0"),
        (
            elisa_with("settings", weighting="1/y^3"),
            "weighting: “1/y^3” is not known; allowed: none, 1/y, 1/y²",
        ),
        (elisa_with("settings", blank_limit="low"), "blank_limit: “low” is no number"),
        (elisa_with("settings", blank_limit="1e999999999"), "allowed: 1e-18 to 1e18"),
        (elisa_with("settings", fudge="1"), "“fudge” is not known"),
        (elisa_with("results", attribute="ifng"), "attribute: “ifng” is not known"),
        (elisa_with("results", unit="ng/mL"), "the unit is “ng/mL”; allowed: “pg/mL”"),
        (elisa_with("results", stages=["thawed"]), "stage: “thawed” is not known"),
        (elisa_with("results", stages=[]), "stages are missing"),
        (elisa_with("results", decimals=-1), "-1 decimals; allowed: 0 to 6"),
        (elisa_with("results", texts=["High"]), "either a unit or the texts"),
    ],
)
def test_it_names_the_part_that_is_wrong(content, words):
    with pytest.raises(UnableToDraft, match=words.replace("(", r"\(").replace("^", r"\^")) as refused:
        draft(catalogue.IFNG_ELISA, content=content)
    assert refused.value.field == "content"


def test_a_version_from_before_calculations_had_names_reads_as_ever():
    """Approved versions are frozen for ever, so their words are too."""
    before = {name: part for name, part in CONTENT.items() if name not in ("calculation", "settings")}
    before["plate"] = CONTENT["settings"]
    assert read_method("plate", before) == read_method("plate", CONTENT)
    counter = catalogue.CELL_COUNT["content"]
    before = {name: part for name, part in counter.items() if name != "calculation"}
    assert read_method("cell_count", before) == read_method("cell_count", counter)


def test_it_reads_the_plan_of_replicates_retests_and_reagents():
    plan = {
        "layout": {"wells": 96, "cells": {}},
        "replicates": 2,
        "retest": {"retests": 2, "replicates": 3},
        "reagents": ["Capture antibody", "Anti-CD3/CD28/CD137 beads"],
        "analyst_qualification": "immunoassays",
    }
    rules = draft(catalogue.IFNG_ELISA, content=CONTENT | plan).rules
    assert (rules.replicates, rules.layout, rules.reagents) == (2, Layout(96), tuple(plan["reagents"]))
    assert (rules.retest.retests, rules.retest.replicates, rules.retest.another_analyst) == (2, 3, True)
    assert rules.analyst_qualification == "immunoassays"


def test_a_result_is_rounded_to_decimals_or_to_significant_digits_not_both():
    result = CONTENT["results"][0]
    with pytest.raises(UnableToReadMethod, match="either to decimals or to significant digits"):
        read_reported(result | {"significant": 3})


def test_it_refuses_a_kind_it_does_not_know():
    with pytest.raises(UnableToDraft, match="“flow” is no kind of method"):
        draft(catalogue.STERILITY, kind="flow")


def test_it_is_no_work_of_a_technician():
    with pytest.raises(NotAuthorised):
        services.draft_method(**catalogue.STERILITY, by=person("olga"))
