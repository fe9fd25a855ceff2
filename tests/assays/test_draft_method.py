"""A method is data with a shape: what is no method is refused by name."""

import copy

import pytest

from assays import catalogue, services
from assays.rules.methods import read_method
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


def test_it_numbers_versions_of_one_code():
    assert [draft(catalogue.STERILITY).version for _ in range(3)] == [1, 2, 3]
    assert draft(catalogue.ENDOTOXIN).version == 1


def elisa_with(part, **changed):
    content = copy.deepcopy(catalogue.IFNG_ELISA["content"])
    place = content["results"][0] if part == "results" else content[part]
    place |= changed
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "“formats” is missing"),
        (elisa_with("plate", weighting="1/y^3"), "weighting: “1/y^3” is not known; allowed: none, 1/y, 1/y²"),
        (elisa_with("plate", blank_limit="low"), "blank_limit: “low” is no number"),
        (elisa_with("plate", fudge="1"), "“fudge” is not known"),
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


def test_it_refuses_a_kind_it_does_not_know():
    with pytest.raises(UnableToDraft, match="“flow” is no kind of method"):
        draft(catalogue.IDENTITY, kind="flow")


def test_it_is_no_work_of_a_technician():
    with pytest.raises(NotAuthorised):
        services.draft_method(**catalogue.STERILITY, by=person("olga"))
