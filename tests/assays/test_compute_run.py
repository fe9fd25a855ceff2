"""A plate is computed once, from the stored wells, and an invalid run gives no result."""

from decimal import Decimal

import pytest
from django.db import OperationalError

from assays import effects, services
from assays.kernel import ifng
from assays.models import Result, Run
from assays.rules.mapping import Choice
from assays.rules.plates import Reads
from assays.services.computing import outcome_of
from tests.assays import bench
from tests.cast import person
from tilmfg.accounts.services import service_account
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Effect, Event
from tilmfg.records.outbox import deliver_effect

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample():
    return bench.received_sample()


def failed(run):
    return [criterion["name"] for criterion in run.outcome["criteria"] if not criterion["passed"]]


def test_it_computes_net_interferon_gamma_of_each_sample(sample):
    other = bench.received_sample()
    run = bench.compute(
        bench.import_plate(
            (sample, 640.0), (other, 120.0), content=None, choices={**bench.choices_for(sample, other)}
        )
    )
    assert run.state == "computed"
    found = {result.sample: result.value for result in run.results.all()}
    assert found[sample] == pytest.approx(Decimal(640), rel=Decimal("0.1"))
    assert found[other] == pytest.approx(Decimal(120), rel=Decimal("0.25"))


def test_its_result_is_the_analysts_and_waits_for_review(sample):
    run = bench.compute(bench.import_plate(sample))
    result = run.results.get()
    assert (result.state, result.recorded_by, result.stage) == ("recorded", run.analyst, "pre_freeze")
    assert (result.unit, result.decimals, result.performed_at) == ("pg/mL", 0, run.measured_at)
    assert result.raw_value != result.value == round(result.raw_value)


def test_it_keeps_fit_and_criteria_with_the_version_of_the_kernel(sample):
    run = bench.compute(bench.import_plate(sample))
    assert run.kernel_version == run.outcome["kernel_version"]
    assert set(run.outcome["curve"]) > {"a", "b", "c", "d"}
    assert not failed(run)


def test_delivered_a_hundred_times_it_computes_once(sample):
    run = bench.import_plate(sample)
    effect = Effect.objects.get()
    for _ in range(100):
        deliver_effect(effect_id=effect.pk)
    assert Result.objects.filter(run=run).count() == 1
    assert Event.objects.filter(name="assays.run.computed").count() == 1


def test_the_effect_called_again_by_hand_does_nothing(sample):
    run = bench.compute(bench.import_plate(sample))
    effects.compute_run(run_id=run.pk, surplus="ignored")
    assert Result.objects.filter(run=run).count() == 1


def test_killed_between_outcome_and_result_nothing_is_left_and_it_is_done_later(sample, monkeypatch):
    run = bench.import_plate(sample)
    effect = Effect.objects.get()

    def killed(*_args, **_kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr("assays.services.computing.record_value", killed)
        with pytest.raises(OperationalError):
            deliver_effect(effect_id=effect.pk)
    run.refresh_from_db()
    assert (run.state, run.outcome) == ("imported", None)
    effect.refresh_from_db()
    assert effect.attempts == 1
    assert bench.compute(run).state == "computed"


def test_missing_wells_are_left_out_of_the_mean(sample):
    content = bench.plate(sample).decode().split("Results", 1)
    line = content[1].splitlines()[6]  # C: SPL1:1 stands in C3 and C4
    cells = line.split("\t")
    changed = "\t".join([*cells[:3], "*****", *cells[4:]])
    broken = (content[0] + "Results" + content[1].replace(line, changed)).encode()
    run = bench.compute(bench.import_plate(sample, content=broken, acceptance="Masked: a bubble."))
    [dilution, _] = run.outcome["samples"][0]["stimulated"]["dilutions"]
    assert (dilution["concentration"]["n"], dilution["used"]) == (1, False)
    assert run.results.get().value is not None  # from the other dilution


def test_an_assay_read_at_other_wavelengths_is_invalid_and_gives_no_result(sample):
    run = bench.import_plate(sample, reads=Reads(signal="450"), acceptance="No filter.")
    bench.compute(run)
    assert (run.state, failed(run), run.results.count()) == ("invalid", ["Wavelengths"], 0)
    assert "run invalid" in run.outcome["samples"][0]["net"]["missing"]
    assert Event.objects.get(name="assays.run.found_invalid").details["failed"] == ["Wavelengths"]


def test_a_failed_control_makes_the_run_invalid(sample):
    content = bench.plate(sample).decode().replace("\t400\t400\t", "\t900\t900\t")
    run = bench.compute(bench.import_plate(sample, content=content.encode(), acceptance="Another lot."))
    assert (run.state, failed(run), run.results.count()) == ("invalid", ["Control CTL1"], 0)


def test_wells_that_are_no_run_of_the_assay_make_it_invalid(sample, monkeypatch):
    run = bench.import_plate(sample)

    def refuse(**_):
        raise ifng.UnableToCompute("There is no standard well above 0 pg/mL.")

    monkeypatch.setattr(ifng, "compute_run", refuse)
    bench.compute(run)
    [criterion] = run.outcome["criteria"]
    assert run.state == "invalid"
    assert criterion["value"] == {"missing": "There is no standard well above 0 pg/mL."}


def test_a_measurement_out_of_reach_is_missing_with_its_reason(sample):
    run = bench.compute(
        bench.import_plate(content=bench.plate((sample, 90000.0)), choices=bench.choices_for(sample))
    )
    result = run.results.get()
    assert (result.qualifier, result.value) == (">", Decimal(40000) - Decimal(90)) or result.qualifier == ">"
    assert "above the range" in result.notes


def test_a_repeated_measurement_supersedes_with_the_analysts_reason(sample):
    first = bench.compute(bench.import_plate(sample)).results.get()
    again = {
        "1": Choice(sample_name=str(sample), condition="stimulated", again="Control near its limit."),
        "2": Choice(sample_name=str(sample), condition="unstimulated", again="Control near its limit."),
    }
    second = bench.compute(bench.import_plate(sample, content=bench.plate(sample, seed=5), choices=again))
    first.refresh_from_db()
    new = second.results.get()
    assert (first.state, new.supersedes, new.reason) == ("superseded", first, "Control near its limit.")


def test_computing_again_from_the_stored_wells_gives_the_same_digits(sample):
    run = bench.compute(bench.import_plate(sample))
    assert outcome_of(Run.objects.get(pk=run.pk), number=1, bag_volumes=None).kept == run.outcome


def test_no_person_computes(sample):
    run = bench.import_plate(sample)
    with pytest.raises(NotAuthorised):
        services.compute_run(run=run, by=person("ana"))
    assert services.compute_run(run=run, by=service_account()).state == "computed"
