"""A page asks as much for many rows as for one; the other rooms' pages are pinned in their own tests."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.assays import control_bench
from tests.cast import person
from tilmfg.identity.models import Scan
from tilmfg.release.states import LotState
from tilmfg.treatment.models import BedsideCheck

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(client):
    """How many statements a whole request sends, session and person included; a test's savepoints are not its."""

    def count(username, name, *arguments):
        client.force_login(person(username))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=arguments)).status_code == 200
        return sum("SAVEPOINT" not in query["sql"] for query in queries.captured_queries)

    return count


def make_lot_at_site():
    order = factories.make_order(site=factories.make_site("07", "sam", "nora"), state="received")
    factories.make_bags(order, 4, state="at_site")
    return factories.make_lot(order=order, state=LotState.RELEASED)


def make_check(lot, bag):
    with factories.writing():
        scan = Scan.objects.create(
            order=lot.order,
            purpose="bedside, bag",
            expected=bag.payload,
            read=bag.payload,
            matches=True,
            scanned_by=person("sam"),
        )
        return BedsideCheck.objects.create(
            order=lot.order,
            container=bag,
            patient=lot.order.patient,
            cassette_scan=scan,
            bag_scan=scan,
            matches=True,
            first=person("sam"),
            second=person("nora"),
        )


@pytest.mark.parametrize(
    ("username", "most"),
    [("olga", 8), ("ana", 9), ("quinn", 8), ("rosa", 8), ("adam", 6), ("sam", 5), ("root", 7)],
)
def test_home(questions, username, most):
    for make in (make_lot_at_site, factories.make_lot, factories.make_order):
        make()
    for_one = questions(username, "home")
    for make in (make_lot_at_site, factories.make_lot, factories.make_order) * 4:
        make()
    assert questions(username, "home") == for_one <= most


def test_the_lots_of_a_site(questions):
    make_lot_at_site()
    for_one = questions("sam", "treatment")
    for _ in range(4):
        make_lot_at_site()
    assert questions("sam", "treatment") == for_one <= 7


def test_a_lot_at_the_bedside(questions):
    lot = make_lot_at_site()
    bags = list(lot.order.containers.filter(kind="bag"))
    make_check(lot, bags[0])
    for_one = questions("sam", "treatment_lot", lot.number)
    for bag in bags[1:]:
        make_check(lot, bag)
    assert questions("sam", "treatment_lot", lot.number) == for_one <= 9


def test_the_audit_trail(questions):
    factories.make_order()
    for_few = questions("vera", "records")
    for _ in range(20):
        factories.make_order()
    assert questions("vera", "records") == for_few <= 9


def test_controls_of_any_number_of_lots(questions):
    """Each lot on trial and its verdict, on the list, on a run and where the run is reviewed."""
    control_bench.register("CTL1")
    run = control_bench.measured()
    pages = [("ines", "controls"), ("ines", "run", run.pk), ("ines", "run_review", run.pk)]
    for_one = [questions(*page) for page in pages]
    control_bench.register("CTL2")
    control_bench.register("CTL3", trial_name="CTL1-B")
    again = control_bench.measured(seed=2)
    pages = [("ines", "controls"), ("ines", "run", again.pk), ("ines", "run_review", again.pk)]
    assert [questions(*page) for page in pages] == for_one
    assert for_one[0] <= 11
