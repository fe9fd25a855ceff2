from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from tests.cast import person
from tests.factories import make_order, writing
from tilmfg.identity.models import Container, CustodyEvent, Lineage
from tilmfg.identity.services import UnableToChangeContainer, consume, fill, label_containers, store
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import Event
from tilmfg.records.states import UnableToAdvance

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make_order(state="received")


def label(order, kind="flask", count=1, by="olga", **more):
    return label_containers(order=order, kind=kind, count=count, by=person(by), **more)


def filled(container, parents, by="olga", volume="1000", cells="200000000"):
    return fill(
        container=container,
        parents=parents,
        volume_ml=Decimal(volume),
        viable_cells=Decimal(cells),
        by=person(by),
    )


def from_tumor(order):
    return [(order.containers.get(code="TB1"), None, None)]


def test_codes_run_on_and_each_group_counts_itself(order):
    label(order, count=2)
    codes = [(c.code, c.number, c.group_size) for c in label(order, count=3)]
    assert codes == [("FL3", 1, 3), ("FL4", 2, 3), ("FL5", 3, 3)]
    assert [c.code for c in label(order, "bag", 2)] == ["BG1", "BG2"]
    assert [c.code for c in label(order, "vial")] == ["QC1"]
    assert [c.code for c in label(order, "cryobag")] == ["CB1"]


def test_each_container_is_an_event_of_the_chain(order):
    label(order, count=2)
    labelled = Event.objects.filter(name="identity.container.labelled", chain=order.chain)
    assert [event.details["code"] for event in labelled] == ["FL1", "FL2"]


@pytest.mark.parametrize(("kind", "count", "field"), [("bucket", 1, "kind"), ("flask", 0, "count")])
def test_it_names_what_cannot_be_labelled(order, kind, count, field):
    with pytest.raises(UnableToChangeContainer) as refused:
        label(order, kind, count)
    assert refused.value.field == field


def test_filling_writes_what_came_from_where(order):
    [flask] = label(order)
    filled(flask, [(order.containers.get(code="TB1"), Decimal("20"), None)])
    flask.refresh_from_db()
    assert (flask.state, flask.volume_ml, flask.viable_cells) == ("in_use", 1000, 200000000)
    link = Lineage.objects.get(child=flask)
    assert (link.parent.code, link.volume_ml, link.viable_cells) == ("TB1", 20, None)


def test_containers_of_two_orders_are_never_mixed(order):
    other = make_order(state="received")
    [flask] = label(order)
    with pytest.raises(UnableToChangeContainer, match="another order"):
        filled(flask, from_tumor(other))
    flask.refresh_from_db()
    assert (flask.state, flask.volume_ml) == ("labelled", None)


def test_the_database_mixes_no_two_orders_either(order):
    other = make_order(state="received")
    [flask] = label(order)
    with (
        pytest.raises(DatabaseError, match="rows_of_one_order_stay_together"),
        transaction.atomic(),
        writing(),
    ):
        Lineage.objects.create(order=order, parent=other.containers.get(), child=flask)


def test_it_is_filled_once(order):
    [flask] = label(order)
    filled(flask, from_tumor(order))
    with pytest.raises((UnableToAdvance, DatabaseError)), transaction.atomic():
        filled(flask, from_tumor(order), cells="1")
    flask.refresh_from_db()
    assert flask.viable_cells == 200000000


def test_a_stale_page_fills_nothing(order):
    [flask] = label(order)
    stale = Container.objects.get(pk=flask.pk)
    filled(flask, from_tumor(order))
    with pytest.raises((ChangedMeanwhile, DatabaseError)), transaction.atomic():
        filled(stale, from_tumor(order), cells="1")


@pytest.mark.parametrize(
    "change", ["volume_ml = 1", "viable_cells = 1", "code = 'FL9'", "kind = 'bag'", "order_id = 0"]
)
def test_the_database_keeps_what_was_filled_in(order, change):
    [flask] = label(order)
    filled(flask, from_tumor(order))
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE identity_container SET {change} WHERE id = %s", [flask.pk])


def test_nothing_is_taken_from_an_empty_container(order):
    first, second = label(order, count=2)
    with pytest.raises(UnableToChangeContainer, match="labelled"):
        filled(second, [(first, None, None)])
    filled(first, from_tumor(order))
    consume(container=first, by=person("olga"))
    with pytest.raises(UnableToChangeContainer, match="consumed"):
        filled(second, [(first, None, None)])


def test_it_is_filled_from_something(order):
    [flask] = label(order)
    with pytest.raises(UnableToChangeContainer, match="name the containers"):
        filled(flask, [])


def test_storing_says_where(order):
    [bag] = label(order, "bag")
    filled(bag, from_tumor(order))
    store(container=bag, place="LN2-1 rack B box 3", by=person("olga"))
    bag.refresh_from_db()
    custody = CustodyEvent.objects.get(container=bag)
    assert bag.state == "stored"
    assert (custody.kind, custody.place, custody.took) == ("stored", "LN2-1 rack B box 3", person("olga"))


def test_storing_nowhere_is_refused(order):
    [bag] = label(order, "bag")
    filled(bag, from_tumor(order))
    with pytest.raises(UnableToChangeContainer) as refused:
        store(container=bag, place=" ", by=person("olga"))
    assert refused.value.field == "place"


@pytest.mark.parametrize("state", ["stopped", "cancelled"])
def test_nothing_is_labelled_for_an_order_that_has_ended(state):
    with pytest.raises(UnableToChangeContainer, match="nothing more is done"):
        label(make_order(state=state))


def test_nothing_is_filled_consumed_or_stored_in_a_stopped_order(order):
    first, second = label(order, count=2)
    filled(first, from_tumor(order))
    with writing():
        type(order).objects.filter(pk=order.pk).update(state="stopped")
    for act, arguments in (
        (filled, {"container": second, "parents": [(first, None, None)]}),
        (consume, {"container": first, "by": person("olga")}),
        (store, {"container": first, "place": "LN2-1", "by": person("olga")}),
    ):
        with pytest.raises(UnableToChangeContainer, match="nothing more is done"):
            act(**arguments)


@pytest.mark.parametrize("who", ["ana", "quinn", "sam", "vera", "eve"])
def test_filling_is_for_technicians(order, who):
    [flask] = label(order)
    with pytest.raises(NotAuthorised):
        filled(flask, from_tumor(order), by=who)
