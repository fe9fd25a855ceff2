from datetime import date, timedelta

import pytest

from tests.cast import person
from tests.factories import make_bags, make_order, make_site
from tests.identity.pages import keyed
from tests.identity.test_containers import filled, from_tumor, label
from tests.identity.test_place_order import NUMBER, place
from tests.identity.test_record_scan import scan
from tilmfg.identity.models import TherapyOrder
from tilmfg.identity.services import store
from tilmfg.records.days import facility_today
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(client):
    def visit(who, path):
        client.force_login(person(who))
        return client.get(path)

    return visit


@pytest.fixture
def send(client):
    def send(who, path, fields):
        client.force_login(person(who))
        return client.post(path, fields)

    return send


def new_order(**changes):
    usual = {
        "pseudonym": "pt-7001",
        "site": make_site("07").pk,
        "name": "Marguerite Dubois",
        "birth_date": "1961-04-12",
        "hospital_number": NUMBER,
        "indication": "melanoma",
        "procurement": "resection",
        "needed_by_date": (facility_today() + timedelta(days=40)).isoformat(),
    }
    return keyed(**usual | changes)


class TestPlacing:
    def test_an_order_is_placed_and_shown(self, send, visit):
        answer = send("adam", "/orders/new/", new_order())
        order = TherapyOrder.objects.get()
        assert answer.status_code == 302
        assert answer.url == f"/orders/{order.coi_id}/"
        page = visit("adam", answer.url).content.decode()
        assert order.lot_number in page
        assert "Dubois" not in page
        assert NUMBER not in page

    def test_sent_twice_it_is_placed_once(self, send):
        form = new_order()
        first, second = send("adam", "/orders/new/", form), send("adam", "/orders/new/", form)
        assert (second.status_code, second["Location"]) == (302, first.url)
        assert TherapyOrder.objects.count() == 1

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"pseudonym": "MEL-DUBOIS"}, "contains the patient"),
            ({"birth_date": "2061-04-12"}, "no birth date"),
            ({"indication": ""}, "This field is required"),
            ({"needed_by_date": "2020-01-01"}, "has passed"),
        ],
    )
    def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(self, send, change, words):
        answer = send("adam", "/orders/new/", new_order(**change))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert "Marguerite Dubois" in page
        assert not TherapyOrder.objects.exists()

    def test_collecting_again_is_a_new_order_linked_to_the_old(self, send, visit):
        first = place()
        path = f"/orders/{first.coi_id}/again/"
        assert "PT-7001" in visit("adam", path).content.decode()
        answer = send("adam", path, new_order(pseudonym="PT-7001"))
        second = TherapyOrder.objects.get(previous=first)
        assert answer.url == f"/orders/{second.coi_id}/"
        assert second.lot_number in visit("adam", f"/orders/{first.coi_id}/").content.decode()
        assert first.lot_number in visit("adam", answer.url).content.decode()

    @pytest.mark.parametrize("who", ["olga", "quinn", "sam", "vera", "root", "eve"])
    def test_only_identity_administrators_place_orders(self, send, visit, who):
        assert visit(who, "/orders/new/").status_code == 403
        assert send(who, "/orders/new/", new_order()).status_code == 403


class TestFinding:
    @pytest.mark.parametrize(
        "text",
        [
            "{order.lot_number}",
            "{order.coi_id}",
            "{order.coi_id}{order.check_character}",
            "&/{order.coi_id}.TB1",
            " {order.coi_id} {order.check_character} TB1 ",
            "{order.patient.pseudonym}",
            "{pseudonym_lower}",
            "{tail}",
        ],
    )
    def test_an_order_is_found_by_any_identifier(self, visit, text):
        order, other = make_order(), make_order()
        wanted = text.format(
            order=order, pseudonym_lower=order.patient.pseudonym.lower(), tail=order.coi_id[-6:]
        )
        page = visit("adam", "/orders/?q=" + wanted.replace("&", "%26")).content.decode()
        assert order.lot_number in page
        assert other.lot_number not in page

    def test_a_mistyped_check_character_finds_nothing_and_says_so(self, visit):
        order = make_order()
        wrong = "A" if order.check_character != "A" else "B"
        page = visit("adam", f"/orders/?q={order.coi_id}{wrong}").content.decode()
        assert order.lot_number not in page
        assert "No order is called so" in page

    def test_by_state(self, visit):
        ordered, stopped = make_order(), make_order(state="stopped")
        page = visit("adam", "/orders/?state=stopped").content.decode()
        assert stopped.lot_number in page
        assert ordered.lot_number not in page

    def test_the_list_turns_its_pages_by_key(self, visit):
        site = make_site()
        orders = [make_order(site=site) for _ in range(51)]
        first = visit("adam", "/orders/").content.decode()
        assert orders[-1].lot_number in first
        assert orders[0].lot_number not in first
        older = visit("adam", f"/orders/?after={orders[1].pk}").content.decode()
        assert orders[0].lot_number in older
        assert visit("adam", "/orders/?after=x").status_code == 404

    def test_a_site_sees_its_own_orders_only(self, visit):
        mine, other = make_order(site=make_site("07", "sam")), make_order(site=make_site("11"))
        page = visit("sam", "/orders/").content.decode()
        assert mine.lot_number in page
        assert other.lot_number not in page
        assert visit("sam", f"/orders/{mine.coi_id}/").status_code == 200
        assert visit("sam", f"/orders/{other.coi_id}/").status_code == 404

    @pytest.mark.parametrize("who", ["root", "eve"])
    def test_outsiders_see_none(self, visit, who):
        order = make_order()
        assert visit(who, "/orders/").status_code == 403
        assert visit(who, f"/orders/{order.coi_id}/").status_code == 403

    def test_queries_do_not_grow_with_the_list(self, client, django_assert_max_num_queries):
        site = make_site()
        for _ in range(30):
            make_order(site=site)
        client.force_login(person("adam"))
        with django_assert_max_num_queries(7):
            assert client.get("/orders/").status_code == 200


def busy_order():
    """Received, in two flasks and two stored bags, with labels and a wrong scan."""
    order = make_order(state="received")
    flasks = label(order, count=2)
    for flask in flasks:
        filled(flask, from_tumor(order))
    for bag in label(order, "bag", 2):
        filled(bag, [(flask, None, None) for flask in flasks])
        store(container=bag, place="LN2-1", by=person("olga"))
    scan(order, make_order().containers.get().payload)
    return order


class TestTheOrder:
    def test_it_shows_where_everything_went(self, visit):
        order = busy_order()
        page = visit("adam", f"/orders/{order.coi_id}/").content.decode()
        for words in ("TB1", "FL2", "BG2", "LN2-1", "Mismatch", "DEV-", "Container filled", "Order stopped"):
            assert words in page

    @pytest.mark.parametrize("who", ["adam", "olga", "ana", "quinn", "rosa", "vera", "sam"])
    def test_everybody_concerned_opens_it(self, visit, who):
        order = make_order(site=make_site("07", "sam"))
        assert visit(who, f"/orders/{order.coi_id}/").status_code == 200

    def test_its_queries_do_not_grow_with_the_order(self, client, django_assert_max_num_queries):
        order = busy_order()
        make_bags(make_order(), 2)
        client.force_login(person("adam"))
        with django_assert_max_num_queries(15):
            assert client.get(f"/orders/{order.coi_id}/").status_code == 200

    def test_who_it_is_stands_on_a_page_of_its_own_that_is_on_record(self, visit):
        order = place()
        answer = visit("adam", f"/orders/{order.coi_id}/person/")
        page = answer.content.decode()
        assert "Marguerite Dubois" in page
        assert date(1961, 4, 12).strftime("%-d %B %Y") in page
        assert "no-store" in answer["Cache-Control"]
        assert Event.objects.filter(name="identity.vault.read", actor=person("adam")).count() == 1

    @pytest.mark.parametrize("who", ["olga", "quinn", "rosa", "vera", "sam", "root", "eve"])
    def test_others_do_not_see_who_it_is(self, visit, who):
        order = place(site=make_site("07", "sam"))
        assert visit(who, f"/orders/{order.coi_id}/person/").status_code == 403


class TestTheReport:
    @pytest.mark.parametrize("who", ["adam", "quinn", "rosa", "vera"])
    def test_it_is_downloaded_and_the_export_is_on_record(self, visit, who):
        order = make_order()
        answer = visit(who, f"/orders/{order.coi_id}/report.csv")
        assert answer["Content-Disposition"] == f'attachment; filename="COI-{order.lot_number}.csv"'
        assert order.coi_id in answer.content.decode()
        assert Event.objects.filter(name="identity.report.issued", actor=person(who)).count() == 1

    def test_the_pdf_is_one(self, visit):
        answer = visit("vera", f"/orders/{make_order().coi_id}/report.pdf")
        assert answer.content.startswith(b"%PDF-")

    @pytest.mark.parametrize("who", ["olga", "ana", "sam", "root", "eve"])
    def test_others_export_nothing(self, visit, who):
        order = make_order(site=make_site("07", "sam"))
        assert visit(who, f"/orders/{order.coi_id}/report.csv").status_code == 403
        assert not Event.objects.filter(name="identity.report.issued").exists()
