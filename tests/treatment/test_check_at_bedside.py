"""Wristband, cassette and bag by two people; what names another patient stops the order."""

from datetime import date, timedelta

import pytest
import time_machine

from tests import factories
from tests.cast import person
from tests.treatment.bedside import bags, check, close, infuse, lot_at_bedside
from tilmfg.identity.models import TherapyOrder
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_today
from tilmfg.records.errors import NotAuthorised
from tilmfg.release.states import LotState
from tilmfg.treatment import services
from tilmfg.treatment.models import BedsideCheck
from tilmfg.treatment.services.standing import require_unexpired

pytestmark = pytest.mark.django_db


def test_another_patients_wristband_stops_the_order_and_stays_on_record():
    lot = lot_at_bedside()
    lot_at_bedside(wristband="H2")
    failed = check(lot, wristband="H2")
    assert not failed.matches
    assert TherapyOrder.objects.get(pk=lot.order_id).state == "stopped"
    assert Deviation.objects.get(chain=lot.chain).classification == "critical"
    with pytest.raises(services.UnableToInfuse):
        infuse(BedsideCheck.objects.get(pk=failed.pk))


def test_another_patients_bag_stops_the_order():
    lot, other = lot_at_bedside(), lot_at_bedside(wristband="H2")
    assert not check(lot, read=bags(other)[0].payload).matches
    assert TherapyOrder.objects.get(pk=lot.order_id).state == "stopped"


def test_the_second_person_is_somebody_else():
    with pytest.raises(services.UnableToCheck, match="somebody else"):
        check(lot_at_bedside(), second="sam")


@pytest.mark.parametrize(
    "state", [LotState.EXPANDING, LotState.IN_TESTING, LotState.QA_REVIEW, LotState.REJECTED]
)
def test_a_lot_that_is_not_released_is_not_even_checked(state):
    with pytest.raises(services.UnableToCheck, match="not released"):
        check(lot_at_bedside(state))


def test_a_bag_that_has_not_arrived_is_not_checked():
    with pytest.raises(services.UnableToCheck, match="not at the site"):
        check(lot_at_bedside(bag_state="stored"))


def test_an_expired_bag_is_not_given():
    lot = lot_at_bedside(expiry=facility_today() - timedelta(days=2))
    with pytest.raises(services.UnableToCheck, match="expired"):
        check(lot)


def test_people_of_another_site_or_role_are_refused():
    lot = lot_at_bedside()
    factories.make_site("12", "eve")
    with pytest.raises(NotAuthorised):
        check(lot, by="eve")
    with pytest.raises(NotAuthorised):
        check(lot, by="olga")


def test_another_bag_of_the_same_patient_is_refused_and_stops_nothing():
    lot = lot_at_bedside()
    first, second = bags(lot)
    with pytest.raises(services.UnableToCheck, match="not BG1") as refusal:
        check(lot, first, read=second.payload)
    assert refusal.value.field == "bag_read"
    assert TherapyOrder.objects.get(pk=lot.order_id).state == "received"


def test_a_containers_label_is_no_wristband():
    lot = lot_at_bedside()
    with pytest.raises(services.UnableToCheck, match="scan the wristband"):
        check(lot, wristband=bags(lot)[0].payload)
    assert not BedsideCheck.objects.exists()


def test_a_number_that_nobody_wears_waits_for_qa_and_may_then_be_read_again():
    lot = lot_at_bedside()
    assert not check(lot, wristband="H9").matches
    assert TherapyOrder.objects.get(pk=lot.order_id).state == "received"
    deviation = Deviation.objects.get(chain=lot.chain)
    assert (deviation.kind, deviation.classification) == ("identity_mismatch", "major")
    with pytest.raises(services.UnableToCheck, match=f"{deviation.number} is open"):
        check(lot)
    close(deviation)
    assert check(lot).matches


def test_a_bag_is_good_until_its_last_day_ends_at_the_site():
    """At 03:00 UTC the day before is still going on in New York."""
    lot = lot_at_bedside(expiry=date(2027, 3, 1))
    bag = bags(lot)[0]
    with time_machine.travel("2027-03-02T03:00:00Z", tick=False):
        require_unexpired(bag, lot.order.site, services.UnableToCheck)
    with (
        time_machine.travel("2027-03-02T06:00:00Z", tick=False),
        pytest.raises(services.UnableToCheck, match="expired on 01 Mar 2027"),
    ):
        require_unexpired(bag, lot.order.site, services.UnableToCheck)


@pytest.mark.parametrize("who", ["sam", "nora"])
def test_both_people_are_of_the_site(who):
    lot = lot_at_bedside()
    with factories.writing():
        person(who).site_memberships.update(until=factories.NOW)
    with pytest.raises(services.UnableToCheck, match=f"than that of {person(who).printed_name}"):
        check(lot)


def test_nobody_of_another_site_stops_an_order():
    lot = lot_at_bedside()
    with factories.writing():
        person("sam").site_memberships.update(until=factories.NOW)
    with pytest.raises(services.UnableToCheck, match="another treatment site"):
        services.stop_at_bedside(
            lot=lot, container=bags(lot)[0], wristband="H9", cassette_read="", bag_read="", by=person("sam")
        )
    assert not BedsideCheck.objects.exists()


def test_a_bag_without_expiry_date_is_not_given():
    lot = lot_at_bedside()
    bag = bags(lot)[0]
    bag.expiry_date = None
    with pytest.raises(services.UnableToCheck, match="has no expiry date"):
        require_unexpired(bag, lot.order.site, services.UnableToCheck)
