"""Several people and several workers at the same moment: one wins, the others are told why."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from assays import catalogue, services
from assays.models import InstrumentFile, Result, Run
from tests.assays import bench
from tests.cast import person
from tilmfg.records.errors import UnableTo
from tilmfg.records.models import Effect
from tilmfg.records.outbox import deliver_effect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sample():
    bench.method_of(catalogue.IFNG_ELISA)
    return bench.received_sample()


def at_once(calls):
    """What each call returned, or the words it was refused with."""

    def run(call):
        try:
            return call()
        except UnableTo as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def importing(file, sample, who):
    analyst, reader, method = (
        person(who),
        bench.instrument("plate_reader"),
        bench.method_of(catalogue.IFNG_ELISA),
    )
    lots = bench.lots_of(method)
    return lambda: services.import_run(
        file=file,
        method=method,
        instrument_code=reader.code,
        choices=bench.choices_for(sample),
        reads=bench.ELISA_READS,
        lots=lots,
        by=analyst,
    )


def test_two_analysts_import_one_file_once(sample):
    file = bench.store(bench.plate(sample), kind="plate_reader")
    answers = at_once([importing(file, sample, who) for who in ("ana", "ines")] * 2)
    assert Run.objects.count() == 1
    assert sum("imported before" in str(answer) for answer in answers) == 3


def test_two_plates_of_one_sample_take_turns(sample):
    files = [bench.store(bench.plate(sample, seed=seed), kind="plate_reader") for seed in (1, 2)]
    calls = [importing(file, sample, who) for file, who in zip(files, ("ana", "ines"), strict=True)]
    answers = at_once(calls)
    assert Run.objects.count() == 1
    assert sum("is being computed in run" in str(answer) for answer in answers) == 1


def test_ten_workers_compute_one_plate_once(sample):
    run = bench.import_plate(sample)
    effect = Effect.objects.get(key=f"assays.compute_run:{run.pk}")
    at_once([lambda: deliver_effect(effect_id=effect.pk)] * 10)
    run.refresh_from_db()
    assert run.state == "computed"
    assert Result.objects.count() == 1


def test_two_analysts_who_drop_the_same_file_both_find_it_stored(sample):
    content, reader = bench.plate(sample), bench.instrument("plate_reader").code
    given = {"filename": "export.txt", "content": content, "instrument_code": reader}
    people = [person("ana"), person("ines")] * 2
    answers = at_once([partial(services.store_file, **given, by=who) for who in people])
    assert {type(answer) for answer in answers} == {InstrumentFile}
    assert len({answer.pk for answer in answers}) == 1
