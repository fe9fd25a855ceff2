from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.cast import person
from tests.factories import make_order, make_site, writing
from tilmfg.identity import isbt128
from tilmfg.identity.models import Patient, PatientVault, TherapyOrder
from tilmfg.identity.services import UnableToPlaceOrder, place_order, read_vault
from tilmfg.identity.vault import Identity
from tilmfg.records.days import facility_today
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db

NAME, NUMBER = "Marguerite Dubois", "H-00 4711"


def place(by="adam", **changes):
    usual = {
        "pseudonym": "PT-7001",
        "name": NAME,
        "birth_date": date(1961, 4, 12),
        "hospital_number": NUMBER,
        "site": changes.get("site") or make_site("07"),
        "indication": "melanoma",
        "procurement": "resection",
        "needed_by_date": facility_today() + timedelta(days=40),
    }
    return place_order(**usual | changes, by=person(by))


def refusal(**changes):
    with pytest.raises(UnableToPlaceOrder) as refused:
        place(**changes)
    return refused.value


def test_it_issues_a_chain_of_identity_id_before_any_tissue():
    order = place()
    parsed = isbt128.CoiId.parse(order.coi_id)
    assert parsed.facility_number == "A9999"
    assert int(parsed.year) == timezone.now().year % 100
    assert order.lot_number.startswith(f"TIL-{timezone.now().year}-")
    assert order.state == "ordered"


def test_it_labels_the_tumor_bottle():
    order = place()
    bottle = order.containers.get()
    assert (bottle.code, bottle.kind, bottle.state) == ("TB1", "tumor_bottle", "labelled")


def test_it_is_told_to_the_rooms_that_listen():
    order = place()
    event = Event.objects.get(name="identity.order.placed")
    assert (event.chain, event.subject_id, event.to_state) == (order.chain, order.pk, "ordered")


def test_serials_follow_each_other():
    first, second = place(), place(pseudonym="PT-7002", hospital_number="4712")
    assert int(second.coi_id[-6:]) == int(first.coi_id[-6:]) + 1
    assert int(second.lot_number[9:]) == int(first.lot_number[9:]) + 1


def test_the_serial_after_the_last_of_four_digits_has_five():
    order = place()
    year = order.lot_number[4:8]
    with writing():
        TherapyOrder.objects.create(
            coi_id=f"{order.coi_id[:9]}009999",
            lot_number=f"TIL-{year}-9999",
            patient=order.patient,
            site=order.site,
            indication="melanoma",
            procurement="resection",
            placed_by=person("adam"),
        )
    second, third = (place(pseudonym=f"PT-800{n}", hospital_number=f"80{n}") for n in (1, 2))
    assert (second.lot_number, third.lot_number) == (f"TIL-{year}-10000", f"TIL-{year}-10001")
    assert third.coi_id.endswith("010001")


def test_a_refused_order_leaves_no_gap():
    first = place()
    refusal(pseudonym="PT-7002", hospital_number="4712", indication="boredom")
    second = place(pseudonym="PT-7002", hospital_number="4712")
    assert int(second.coi_id[-6:]) == int(first.coi_id[-6:]) + 1


def test_nothing_that_identifies_the_person_stands_outside_the_vault():
    order = place()
    vault = PatientVault.objects.get(patient=order.patient)
    trail = "".join(AuditEvent.objects.values_list("content", flat=True))
    events = "".join(str(event.details) for event in Event.objects.all())
    for text in (bytes(vault.sealed).decode(), vault.wristband_index, trail, events):
        assert "Dubois" not in text
        assert "4711" not in text
        assert "1961" not in text
    sealed = Identity(name=NAME, birth_date=date(1961, 4, 12), hospital_number=NUMBER)
    assert read_vault(patient=order.patient, purpose="call of the site", by=person("adam")) == sealed


def test_a_known_patient_gets_another_order_under_the_same_pseudonym():
    first = place()
    second = place(name=" marguerite  DUBOIS", hospital_number="h004711", previous=first)
    assert second.patient == first.patient
    assert second.previous == first
    assert second.coi_id != first.coi_id
    assert Event.objects.filter(name="identity.vault.read").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Margarete Dubois"), ("birth_date", date(1961, 12, 4)), ("hospital_number", "4712")],
)
def test_a_known_pseudonym_with_another_person_is_refused(field, value):
    place()
    refused = refusal(**{field: value})
    assert refused.field == field
    assert TherapyOrder.objects.count() == 1


def test_a_known_person_under_a_new_pseudonym_is_refused():
    place()
    refused = refusal(pseudonym="PT-7002")
    assert refused.field == "hospital_number"
    assert "PT-7001" in str(refused)
    assert Patient.objects.count() == 1


def test_two_hospitals_may_give_the_same_number_to_two_people():
    first = place()
    second = place(pseudonym="PT-7002", name="Ole Hansen", site=make_site("11"))
    assert first.patient != second.patient


def test_a_known_patient_at_another_site_is_refused():
    place()
    assert refusal(site=make_site("11")).field == "site"


def test_collecting_again_for_another_patients_order_is_refused():
    other = place(pseudonym="PT-7002", name="Ole Hansen", hospital_number="99")
    assert refusal(previous=other).field == "previous"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pseudonym": "Marguerite"}, "pseudonym"),
        ({"pseudonym": "PT 1"}, "pseudonym"),
        ({"pseudonym": "PT-" + "1" * 30}, "pseudonym"),
        ({"pseudonym": "MEL-DUBOIS"}, "pseudonym"),
        ({"pseudonym": "PT-H004711"}, "pseudonym"),
        ({"name": "  "}, "name"),
        ({"hospital_number": " - "}, "hospital_number"),
        ({"birth_date": facility_today() + timedelta(days=1)}, "birth_date"),
        ({"birth_date": date(1861, 4, 12)}, "birth_date"),
        ({"indication": "sarcoma"}, "indication"),
        ({"procurement": "courier"}, "procurement"),
        ({"needed_by_date": facility_today()}, "needed_by_date"),
    ],
)
def test_it_names_what_is_wrong_and_issues_nothing(change, field):
    assert refusal(**change).field == field
    assert not TherapyOrder.objects.exists()


@pytest.mark.parametrize("who", ["olga", "ana", "quinn", "rosa", "sam", "vera", "root", "eve"])
def test_it_refuses_whoever_is_no_identity_administrator(who):
    with pytest.raises(NotAuthorised):
        place(by=who)


@pytest.mark.parametrize("column", ["coi_id", "lot_number", "patient_id", "previous_id"])
def test_the_database_never_changes_what_identifies_an_order(column):
    """COI-5"""
    order = place()
    other = place(pseudonym="PT-7002", name="Ole Hansen", hospital_number="99")
    value = {
        "coi_id": "CHA999926999999",
        "lot_number": "TIL-2026-9999",
        "patient_id": other.patient_id,
        "previous_id": other.pk,
    }[column]
    with (
        pytest.raises(DatabaseError, match="orders_keep_their_patient"),
        transaction.atomic(),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE identity_therapyorder SET {column} = %s WHERE id = %s", [value, order.pk])


def test_the_database_links_no_order_to_one_of_another_patient():
    order, other = make_order(), make_order()
    with (
        pytest.raises(DatabaseError, match="orders_follow_orders_of_their_patient"),
        transaction.atomic(),
        writing(),
    ):
        TherapyOrder.objects.create(
            coi_id="CHA999926888888",
            lot_number="TIL-2026-8888",
            patient=order.patient,
            previous=other,
            site=order.site,
            indication="melanoma",
            procurement="resection",
            placed_by=person("adam"),
        )


@pytest.mark.parametrize("state", ["stopped", "cancelled"])
def test_the_database_lets_no_stopped_order_go_on(state):
    order = make_order(state=state)
    with (
        pytest.raises(DatabaseError, match="stopped_orders_stay_stopped"),
        transaction.atomic(),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE identity_therapyorder SET state = 'ordered' WHERE id = %s", [order.pk])
