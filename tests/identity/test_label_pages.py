import pytest

from tests.cast import person
from tests.factories import make_order, make_site, writing
from tests.identity.pages import keyed
from tests.identity.test_labels import bottle_of, quick_printer  # noqa: F401
from tilmfg.identity.models import Label
from tilmfg.identity.services import apply_label, print_label

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_printer")]


def path_of(order):
    return f"/orders/{order.coi_id}/containers/TB1/label/"


def test_the_first_print_needs_no_reason(client):
    order = make_order()
    client.force_login(person("adam"))
    assert "reason" not in client.get(path_of(order)).context["form"].fields
    answer = client.post(path_of(order), keyed())
    label = Label.objects.get()
    assert answer.url == f"/orders/{order.coi_id}/"
    pdf = client.get(f"/orders/labels/{label.pk}/")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content == bytes(label.pdf)


def test_sent_twice_it_is_printed_once(client):
    order, form = make_order(), keyed()
    client.force_login(person("adam"))
    client.post(path_of(order), form)
    client.post(path_of(order), form)
    assert Label.objects.count() == 1


def test_a_reprint_asks_why(client):
    order = make_order()
    print_label(container=bottle_of(order), by=person("adam"))
    client.force_login(person("olga"))
    assert client.post(path_of(order), keyed(reason="")).status_code == 422
    client.post(path_of(order), keyed(reason="Torn"))
    assert Label.objects.get(copy=2).reprint_reason == "Torn"


def test_a_stopped_order_prints_nothing(client):
    order = make_order(state="stopped")
    client.force_login(person("adam"))
    answer = client.post(path_of(order), keyed())
    assert answer.status_code == 422
    assert "nothing more is done" in answer.content.decode()


@pytest.mark.parametrize(("act", "state"), [("apply", "applied"), ("destroy", "destroyed")])
def test_the_paper_is_accounted_for(client, act, state):
    label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
    client.force_login(person("olga"))
    client.post(f"/orders/labels/{label.pk}/{act}/", keyed())
    label.refresh_from_db()
    assert label.state == state


def test_a_stale_page_changes_nothing_and_says_so(client):
    label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
    apply_label(label=label, by=person("olga"))
    client.force_login(person("tomas"))
    answer = client.post(f"/orders/labels/{label.pk}/destroy/", keyed(), follow=True)
    label.refresh_from_db()
    assert label.state == "applied"
    assert "label is applied" in answer.content.decode()


def test_an_applied_label_is_not_printed_from_its_file(client):
    label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
    apply_label(label=label, by=person("olga"))
    client.force_login(person("olga"))
    assert client.get(f"/orders/labels/{label.pk}/").status_code == 404
    client.force_login(person("vera"))
    assert client.get(f"/orders/labels/{label.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["ana", "sam", "root", "eve"])
def test_others_neither_print_nor_read_labels(client, who):
    order = make_order(site=make_site("07", "sam"))
    label, _ = print_label(container=bottle_of(order), by=person("adam"))
    client.force_login(person(who))
    assert client.get(path_of(order)).status_code == 403
    assert client.post(path_of(order), keyed()).status_code == 403
    assert client.get(f"/orders/labels/{label.pk}/").status_code == 403
    assert client.post(f"/orders/labels/{label.pk}/apply/", keyed()).status_code == 403


def test_applied_is_not_offered_for_a_stopped_order(client):
    order = make_order()
    print_label(container=bottle_of(order), by=person("adam"))
    with writing():
        type(order).objects.filter(pk=order.pk).update(state="stopped")
    client.force_login(person("adam"))
    page = client.get(f"/orders/{order.coi_id}/").content.decode()
    assert "/destroy/" in page
    assert "/apply/" not in page
