"""A real worker on the test's own database and broker."""

import pytest

from tilmfg import heartbeat
from tilmfg.embedded.processes import wait_until


def test_it_works_beside_the_test_that_started_it(celery_worker):
    heartbeat.forget()
    heartbeat.beat_once.delay()
    wait_until(lambda: heartbeat.is_fresh("worker"), seconds=10, problem="nothing executed")
    assert celery_worker.poll() is None


@pytest.mark.django_db(transaction=True)
def test_it_is_gone_after_that_test():
    heartbeat.forget()
    heartbeat.beat_once.delay()
    with pytest.raises(Exception, match="still waiting"):
        wait_until(lambda: heartbeat.is_fresh("worker"), seconds=1, problem="still waiting")
