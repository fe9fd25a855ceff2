import pytest

from tests.cast import PASSWORD, sign_in
from tests.factories import make_order
from tests.identity.pages import keyed
from tests.quality.test_close_deviation import close
from tests.quality.test_open_deviation import open_one
from tilmfg.records.models import Signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(client):
    def visit(who, path):
        sign_in(client, who)
        return client.get(path)

    return visit


def conclusion(**changes):
    usual = {"classification": "minor", "impact": "None.", "reason": "Concluded.", "password": PASSWORD}
    return keyed(**usual | changes)


def test_the_list_shows_the_open_ones_unless_asked_otherwise(visit):
    left_open, closed = open_one(), close(open_one())
    page = visit("quinn", "/quality/deviations/").content.decode()
    assert left_open.number in page
    assert closed.number not in page
    assert closed.number in visit("quinn", "/quality/deviations/?state=closed").content.decode()
    everything = visit("quinn", "/quality/deviations/?state=all").content.decode()
    assert left_open.number in everything
    assert closed.number in everything


def test_one_is_found_by_number_and_by_words(visit):
    door, pump = open_one(title="Incubator door"), open_one(title="Pump stood still")
    for text in ("pump", pump.number):
        page = visit("quinn", f"/quality/deviations/?q={text}").content.decode()
        assert pump.number in page
        assert door.number not in page


def test_the_list_turns_its_pages_by_key(visit):
    numbers = [open_one().number for _ in range(51)]
    page = visit("quinn", "/quality/deviations/").content.decode()
    assert numbers[-1] in page
    assert numbers[0] not in page
    assert "?after=" in page
    assert visit("quinn", "/quality/deviations/?after=x").status_code == 404


def test_it_is_called_by_the_order_it_is_about(visit):
    order = make_order()
    deviation = open_one(chain=order.chain)
    for path in ("/quality/deviations/", f"/quality/deviations/{deviation.number}/"):
        page = visit("quinn", path).content.decode()
        assert f"Order {order.lot_number}" in page
        assert f"/orders/{order.coi_id}/" in page


def test_one_of_no_order_is_shown_too(visit):
    deviation = open_one(chain="facility:facility")
    page = visit("quinn", f"/quality/deviations/{deviation.number}/").content.decode()
    assert "facility:facility" in page


def test_queries_do_not_grow_with_the_list(client, django_assert_max_num_queries):
    for _ in range(20):
        open_one(chain=make_order().chain)
    sign_in(client, "quinn")
    with django_assert_max_num_queries(8):
        assert client.get("/quality/deviations/").status_code == 200


def test_qa_closes_it_on_the_signing_page(client):
    deviation = open_one()
    sign_in(client, "rosa")
    path = f"/quality/deviations/{deviation.number}/close/"
    assert deviation.description in client.get(path).content.decode()
    answer = client.post(path, conclusion())
    assert answer.url == f"/quality/deviations/{deviation.number}/"
    page = client.get(answer.url).content.decode()
    assert "Rosa Almeida" in page
    assert Signature.objects.get().digest in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "guessed"}, "password is not right"),
        ({"classification": ""}, "required"),
        ({"impact": ""}, "required"),
        ({"reason": ""}, "required"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_signs_nothing(client, change, words):
    deviation = open_one()
    sign_in(client, "quinn")
    answer = client.post(f"/quality/deviations/{deviation.number}/close/", conclusion(**change))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert PASSWORD not in page
    assert not Signature.objects.exists()


def test_who_is_barred_reads_who_closes_it_instead_of_a_button(visit):
    deviation = open_one(by="quinn")
    path = f"/quality/deviations/{deviation.number}/"
    page = visit("quinn", path).content.decode()
    assert f"{path}close/" not in page
    assert "You opened this deviation; another person closes it." in page
    assert "another QA reviewer or QA approver" in page
    page = visit("rosa", path).content.decode()
    assert f"{path}close/" in page
    assert "Who may close it" not in page
    assert "Who may close it" not in visit("vera", path).content.decode()


def test_a_closed_one_offers_no_closing(client):
    deviation = close(open_one())
    sign_in(client, "quinn")
    path = f"/quality/deviations/{deviation.number}/"
    assert "close/" not in client.get(path).content.decode()
    assert client.get(f"{path}close/").url == path
    client.post(f"{path}close/", conclusion())
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "reads", "closes"),
    [
        ("olga", 200, 403),
        ("ana", 200, 403),
        ("adam", 200, 403),
        ("quinn", 200, 200),
        ("rosa", 200, 200),
        ("vera", 200, 403),
        ("sam", 403, 403),
        ("root", 403, 403),
        ("eve", 403, 403),
    ],
)
def test_everybody_of_the_facility_reads_and_qa_closes(visit, who, reads, closes):
    deviation = open_one()
    path = f"/quality/deviations/{deviation.number}/"
    assert visit(who, "/quality/deviations/").status_code == reads
    assert visit(who, path).status_code == reads
    assert visit(who, f"{path}close/").status_code == closes


def test_an_unknown_number_is_not_found(visit):
    assert visit("quinn", "/quality/deviations/DEV-1999-0001/").status_code == 404
