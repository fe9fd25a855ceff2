import pytest

from tests import factories
from tests.cast import person
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation
from tilmfg.quality.selectors import open_deviations
from tilmfg.quality.services import UnableToOpenDeviation, open_deviation
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


def open_one(by="olga", **changes):
    usual = {
        "chain": "order:1",
        "subject_kind": "batches.step",
        "subject_id": 1,
        "kind": "other",
        "title": "Incubator door stood open",
        "description": "Four minutes at 36.1 °C.",
    }
    by = person(by) if isinstance(by, str) else by
    return open_deviation(**usual | changes, by=by)


def test_it_numbers_deviations_without_gaps():
    first, second = open_one(), open_one()
    prefix, _, serial = first.number.rpartition("-")
    assert first.number.startswith("DEV-20")
    assert second.number == f"{prefix}-{int(serial) + 1:04}"


def test_it_is_told_to_the_rooms_that_listen():
    deviation = open_one()
    event = Event.objects.get(name="quality.deviation.opened")
    assert (event.chain, event.subject_kind, event.subject_id) == (
        "order:1",
        "quality.deviation",
        deviation.pk,
    )
    assert event.details["number"] == deviation.number


def test_it_enters_the_chain_of_its_order():
    order = factories.make_order()
    open_one(chain=order.chain)
    assert AuditEvent.objects.filter(chain=order.chain, relation="quality_deviation", op="INSERT").exists()


def test_the_program_itself_may_open_one():
    assert open_one(by=service_account()).opened_by.is_service


@pytest.mark.parametrize("who", ["vera", "root", "eve"])
def test_it_refuses_who_does_not_work_on_records(who):
    with pytest.raises(NotAuthorised):
        open_one(by=who)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "bad luck"}, "kind"),
        ({"title": "  "}, "title"),
        ({"description": ""}, "description"),
        ({"classification": "terrible"}, "classification"),
    ],
)
def test_it_names_what_is_wrong(change, field):
    with pytest.raises(UnableToOpenDeviation) as refused:
        open_one(**change)
    assert refused.value.field == field
    assert not Deviation.objects.exists()


def test_open_deviations_are_those_of_one_chain():
    mine = open_one()
    open_one(chain="order:2")
    assert list(open_deviations("order:1")) == [mine]
