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
from assays.selectors import inputs_digest
from tests import factories
from tests.assays import bench
from tests.cast import person, sign_in
from tilmfg.identity.models import Container
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


@pytest.fixture
def count():
    """Of two bags of 110 mL each, one of which broke afterwards."""
    sample = bench.received_sample()
    bags = factories.make_bags(sample.order)
    run = bench.import_counts(sample)
    with factories.writing():
        Container.objects.filter(pk=bags[0].pk).update(state="destroyed")
    return run


def test_a_count_comes_out_of_the_volume_it_was_made_from(count):
    """What becomes of the bags afterwards changes no result, and is said by name."""
    sample = count.mapped_samples.get().sample
    assert count.current.outcome["rows"][0]["found"]["total_viable_cells"] == "11440000000.00"
    [found] = recalculated(count)
    assert (found.is_identical, found.inputs_agree) == (True, True)
    said = f"Product bags of {sample}: 220 mL when this was computed, 110 mL now."
    assert found.changed_since == (said,)
    event = Event.objects.get(name="assays.run.recalculated")
    assert event.details["computations"][0]["changed_since"] == [said]


def test_another_volume_than_it_was_made_from_is_noticed(count):
    computation = count.current
    [sample] = computation.bag_volumes
    computation.bag_volumes = {sample: "110.00"}
    found = recalculate(computation)
    assert (found.inputs_agree, found.is_identical) == (False, False)
    assert [one.path for one in found.differences] == [
        "rows[0].found.total_viable_cells",
        "rows[0].product_bags_ml",
    ]


def test_a_count_from_before_volumes_were_kept_still_comes_out(count):
    computation = count.current
    for name in ("product_bags_ml", "found"):
        del computation.outcome["rows"][0][name]
    computation.bag_volumes, computation.inputs_digest = None, inputs_digest(count, number=1)
    assert recalculate(computation).is_identical


def test_each_computation_of_a_count_keeps_the_bags_of_its_time(count):
    """A computation of its own is made from what the record says when it is made; the first one keeps its own."""
    run = bench.mask(count, "1")
    assert [list(one.bag_volumes.values()) for one in run.computations.all()] == [["220.00"], ["110.00"]]
    assert all(one.is_identical for one in recalculated(run))


def test_the_page_says_that_the_bags_hold_something_else_now(count, client):
    recalculated(count)
    sign_in(client, "vera")
    assert (
        "220 mL when this was computed, 110 mL now." in client.get(count.get_absolute_url()).content.decode()
    )


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

    def test_it_names_what_changed_since(self, count):
        assert self.command(jobs=1).splitlines()[1:] == [
            f"  changed since, and not computed with: {one}"
            for one in recalculate(count.current).changed_since
        ] + ["1 identical, 0 different"]

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
