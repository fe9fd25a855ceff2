import pytest

from tests.cast import person
from tests.factories import make_bags, make_order
from tilmfg.identity.models import Scan
from tilmfg.identity.services import UnableToReadScan, record_scan, stop_order
from tilmfg.quality.models import Deviation
from tilmfg.quality.selectors import open_deviations
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Event

pytestmark = pytest.mark.django_db


def scan(order, read, *, expected=None, by="olga"):
    expected = expected or order.containers.get(code="TB1").payload
    return record_scan(order=order, purpose="opening", expected=expected, read=read, by=person(by))


def test_a_match_is_recorded_and_the_order_goes_on():
    order = make_order()
    recorded = scan(order, f"&/{order.coi_id}.TB1")
    assert recorded.matches
    assert recorded.scanned_by == person("olga")
    order.refresh_from_db()
    assert order.state == "ordered"
    assert Event.objects.filter(name="identity.scan.matched", chain=order.chain).exists()


@pytest.mark.parametrize("state", ["ordered", "received"])
def test_another_patients_label_stops_the_order(state):
    """COI-4"""
    order, other = make_order(state=state), make_order()
    recorded = scan(order, f"&/{other.coi_id}.TB1")
    order.refresh_from_db()
    assert not recorded.matches
    assert order.state == "stopped"
    assert Event.objects.filter(name="identity.order.stopped", chain=order.chain).exists()
    deviation = open_deviations(order.chain).get()
    assert (deviation.kind, deviation.classification) == ("identity_mismatch", "critical")
    assert (deviation.subject_kind, deviation.subject_id) == ("identity.scan", recorded.pk)
    assert other.coi_id in deviation.description


def test_the_other_patients_order_goes_on():
    order, other = make_order(), make_order()
    scan(order, f"&/{other.coi_id}.TB1")
    other.refresh_from_db()
    assert other.state == "ordered"


def test_another_container_of_the_same_order_stops_it_too():
    order = make_order(state="received")
    first, second = make_bags(order)
    assert not scan(order, second.payload, expected=first.payload).matches
    assert order.state == "stopped"


def test_a_second_mismatch_is_recorded_on_the_stopped_order():
    order, other = make_order(), make_order()
    scan(order, f"&/{other.coi_id}.TB1")
    scan(order, f"&/{other.coi_id}.TB1", by="tomas")
    assert Scan.objects.filter(order=order, matches=False).count() == 2
    assert open_deviations(order.chain).count() == 2


def test_a_typed_id_with_its_check_character_is_accepted_where_the_order_is_expected():
    order = make_order()
    spoken = f"{order.coi_id[:7]} {order.coi_id[7:9]}-{order.coi_id[9:].lower()} {order.check_character}"
    assert scan(order, spoken, expected=f"&/{order.coi_id}").matches


def test_any_container_of_the_order_will_do_where_the_order_is_expected():
    order = make_order()
    assert scan(order, f"]d1&/{order.coi_id}.TB1", expected=f"&/{order.coi_id}").matches


@pytest.mark.parametrize(
    ("read", "words"),
    [
        ("4006381333931", "characters"),
        ("", "characters"),
        ("=A99991712345600", "donation number"),
        ("{coi}", "without its check character"),
        ("{coi}{wrong}TB1", "not the check character"),
        ("&/{coi}", "no container"),
        ("&/{coi}.tb1", "container code"),
        ("/-{coi}", "keyboard layout"),
    ],
)
def test_what_is_no_identifier_of_the_house_is_refused_and_the_order_goes_on(read, words):
    order = make_order()
    wrong = "A" if order.check_character != "A" else "B"
    with pytest.raises(UnableToReadScan, match=words) as refused:
        scan(order, read.format(coi=order.coi_id, wrong=wrong))
    assert refused.value.field == "read"
    order.refresh_from_db()
    assert order.state == "ordered"
    assert not Scan.objects.exists()
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("who", ["quinn", "rosa", "vera", "root", "eve"])
def test_it_refuses_who_scans_nothing(who):
    with pytest.raises(NotAuthorised):
        scan(make_order(), "&/", by=who)


def test_an_order_is_stopped_for_what_no_label_shows():
    order = make_order(state="received")
    stop_order(order=order, title="Wrong wristband", description="Nothing was given.", by=person("olga"))
    order.refresh_from_db()
    deviation = open_deviations(order.chain).get()
    assert order.state == "stopped"
    assert (deviation.subject_kind, deviation.subject_id) == ("identity.order", order.pk)
    assert deviation.classification == "critical"
