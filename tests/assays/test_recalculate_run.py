"""What is stored comes out again to the last bit, or the page and the command say where it does not."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from assays import services
from assays.models import Computation, Result, Run
from assays.recalculation import recalculate
from assays.rules.exactness import differences
from tests import factories
from tests.assays import bench
from tests.cast import person, sign_in
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return bench.compute(bench.import_plate(bench.received_sample()))


def recalculated(run, by="vera"):
    return services.recalculate_run(run=Run.objects.get(pk=run.pk), by=person(by))


def test_every_computation_comes_out_to_the_last_bit(run):
    bench.mask(run, "C3")
    bench.unmask(run, "C3")
    found = recalculated(run)
    assert [(one.computation, one.is_identical, one.inputs_agree) for one in found] == [
        (1, True, True),
        (2, True, True),
        (3, True, True),
    ]


def test_counts_come_out_of_their_file_again():
    sample = bench.received_sample()
    factories.make_bags(sample.order)
    [found] = recalculated(bench.import_counts(sample))
    assert found.is_identical, found.differences


def test_each_differing_number_is_named(run, monkeypatch):
    computation = run.current
    computation.outcome["samples"][0]["net"]["raw"] += 1e-13 * 640
    computation.outcome["criteria"][0]["passed"] = 1  # JSON tells true from 1
    found = recalculate(computation)
    assert not found.is_identical
    assert [one.path for one in found.differences] == ["criteria[0].passed", "samples[0].net.raw"]


def test_other_inputs_are_noticed_though_the_outcome_is_the_same(run):
    computation = run.current
    computation.inputs_digest = "0" * 64
    found = recalculate(computation)
    assert (found.differences, found.inputs_agree, found.is_identical) == ((), False, False)


def test_it_alters_nothing_but_says_that_it_was_asked(run):
    tables = (Run, Computation, Result)
    before = [list(model.objects.values()) for model in tables]
    trail = AuditEvent.objects.filter(relation__startswith="assays_").count()
    recalculated(run)
    assert [list(model.objects.values()) for model in tables] == before
    assert AuditEvent.objects.filter(relation__startswith="assays_").count() == trail
    assert Event.objects.get(name="assays.run.recalculated").details["identical"]


def test_only_people_of_the_house_ask(run):
    with pytest.raises(NotAuthorised):
        recalculated(run, by="sam")


@pytest.mark.parametrize(
    ("stored", "found", "paths"),
    [
        ({"a": 1.0, "b": [1, 2]}, {"a": 1, "b": [1, 2]}, []),
        ({"a": 0.1}, {"a": 0.1 + 5e-18}, []),
        ({"a": 0.1}, {"a": 0.1 + 2e-17}, ["a"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a[1]"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": None}, {"a": {"missing": "x"}}, ["a"]),
    ],
)
def test_differences_are_found_to_the_last_bit(stored, found, paths):
    assert [one.path for one in differences(stored, found)] == paths


def test_the_page_says_identical_and_by_which_kernel(run, client):
    sign_in(client, "vera")
    page = reverse("run", args=[run.pk])
    key = {"idempotency_key": "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f"}
    assert client.post(reverse("run_recalculate", args=[run.pk]), key).url == f"{page}#recalculation"
    shown = client.get(page).content.decode()
    assert f"with kernel {run.kernel_version}: identical" in shown
    assert "asked by Vera Sokolova" in shown


@pytest.mark.django_db(transaction=True)
class TestCommand:
    def command(self, *words, **options):
        out = StringIO()
        call_command("recalculate_runs", *words, stdout=out, **options)
        return out.getvalue()

    def test_it_tells_of_every_computation_in_json(self, run):
        bench.mask(run, "C3")
        lines = [json.loads(line) for line in self.command("--json", jobs=2).splitlines()]
        assert sorted((line["computation"], line["identical"]) for line in lines) == [(1, True), (2, True)]
        assert self.command(str(run.pk + 1), jobs=1) == "0 identical, 0 different\n"

    def test_it_ends_with_an_error_and_names_what_differs(self, run):
        with factories.writing():
            run.maskings.create(
                well=run.wells.get(position="C3"),
                computation=2,
                masked=True,
                reason="Bubble",
                by=person("ana"),
            )
            Run.objects.filter(pk=run.pk).update(state="computing")
            Computation.objects.create(run=run, number=2, outcome=run.outcome, kernel_version="0.1.0")
        with pytest.raises(CommandError, match="1 computations are not as stored"):
            self.command(jobs=1)
