"""Two people send the same step, or two verifications, at the same moment: one wins, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.batches import bench
from tests.cast import person
from tilmfg.batches import services
from tilmfg.batches.models import StepExecution
from tilmfg.batches.services.due import UnableToRecord
from tilmfg.batches.services.verification import UnableToVerify

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What each call returned or was refused with."""
    together = Barrier(len(calls))

    def one(call):
        try:
            together.wait()
            return call()
        except (UnableToRecord, UnableToVerify) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_a_step_sent_twice_at_once_is_recorded_once():
    batch = bench.started()
    bench.lay_out(batch, "fragment_and_seed")
    given = [
        bench.arguments(batch, "fragment_and_seed", by=person(username)) for username in ("olga", "tomas")
    ]
    outcomes = at_once(
        *(
            lambda each=each: services.record_step(batch=batch, step="fragment_and_seed", **each)
            for each in given
        )
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, UnableToRecord)]
    assert len(refused) == 1
    assert "recorded already" in str(refused[0])
    assert StepExecution.objects.filter(batch=batch).count() == 1


def test_a_step_verified_twice_at_once_is_verified_once():
    execution = bench.record(bench.started(), "fragment_and_seed")
    person("tomas")
    outcomes = at_once(*[lambda: bench.verify(execution)] * 2)
    assert sum(isinstance(outcome, UnableToVerify) for outcome in outcomes) == 1
    assert StepExecution.objects.get().state == "verified"
