"""The right product reaches the right patient, once."""

from datetime import timedelta

import pytest
import time_machine

from tests import factories
from tests.cast import person
from tests.treatment.bedside import bags, check, close, infuse, lot_at_bedside, open_deviation
from tilmfg.identity.models import TherapyOrder
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_today
from tilmfg.release.states import LotState
from tilmfg.treatment import selectors, services
from tilmfg.treatment.models import BedsideCheck
from tilmfg.treatment.services.infusing import patient_of

pytestmark = pytest.mark.django_db


def test_both_bags_are_checked_and_given_and_the_lot_is_infused():
    lot = lot_at_bedside()
    for bag in bags(lot):
        infuse(check(lot, bag))
    lot.refresh_from_db()
    assert lot.state == LotState.INFUSED
    assert {bag.state for bag in bags(lot)} == {"infused"}


def test_a_lot_with_a_bag_left_is_not_yet_infused():
    lot = lot_at_bedside()
    infuse(check(lot))
    lot.refresh_from_db()
    assert lot.state == LotState.RELEASED


def test_nothing_is_checked_or_given_while_a_deviation_is_open():
    lot = lot_at_bedside()
    passed = check(lot)
    deviation = open_deviation(lot)
    with pytest.raises(services.UnableToInfuse, match="is open"):
        infuse(passed)
    with pytest.raises(services.UnableToCheck, match="is open"):
        check(lot, bags(lot)[1])
    assert not selectors.go_for(selectors.lot_at_site(person("sam"), lot.number)).is_go
    close(deviation)
    assert selectors.go_for(selectors.lot_at_site(person("sam"), lot.number)).is_go
    infuse(passed)


def test_an_infusion_entered_late_says_why():
    lot = lot_at_bedside()
    passed = check(lot)
    given = {"check": passed, "started_at": passed.recorded_at, "by": person("sam")}
    given["ended_at"] = passed.recorded_at + timedelta(minutes=20)
    with (
        time_machine.travel(passed.recorded_at + timedelta(hours=1)),
        pytest.raises(services.UnableToInfuse, match="Say why") as refusal,
    ):
        services.record_infusion(**given)
    assert refusal.value.field == "late_entry_reason"


def test_a_bag_is_given_once():
    lot = lot_at_bedside()
    passed = check(lot)
    infuse(passed)
    with pytest.raises(services.UnableToInfuse, match="infused"):
        infuse(BedsideCheck.objects.get(pk=passed.pk))


def test_a_bag_of_a_lot_that_stands_no_longer_is_not_given():
    lot = lot_at_bedside()
    passed = check(lot)
    with factories.writing():
        TherapyOrder.objects.filter(pk=lot.order_id).update(state="stopped")
    with pytest.raises(services.UnableToInfuse, match="not in good standing: stopped"):
        infuse(passed)


def test_a_bag_is_not_given_after_a_check_that_failed():
    lot = lot_at_bedside()
    failed = check(lot, wristband="nobody's")
    close(Deviation.objects.get(chain=lot.chain))
    assert not failed.matches
    with pytest.raises(services.UnableToInfuse, match="did not pass"):
        infuse(BedsideCheck.objects.get(pk=failed.pk))


def test_a_check_that_names_nobody_gives_nobody_anything():
    """The database lets no such check match; the verb asks all the same."""
    with pytest.raises(services.UnableToInfuse, match="names no patient"):
        patient_of(BedsideCheck(patient=None, matches=True))


def test_a_bag_that_expired_after_its_check_is_not_given():
    lot = lot_at_bedside()
    passed = check(lot)
    with factories.writing():
        lot.order.containers.filter(kind="bag").update(expiry_date=facility_today() - timedelta(days=2))
    with pytest.raises(services.UnableToInfuse, match="expired on"):
        infuse(BedsideCheck.objects.get(pk=passed.pk))


@pytest.mark.parametrize(
    ("starts", "lasts", "field", "words"),
    [
        (timedelta(minutes=-2), timedelta(minutes=1), "started_at", "cannot start before"),
        (timedelta(hours=3, minutes=1), timedelta(minutes=1), "started_at", "older than three hours"),
        (timedelta(0), timedelta(0), "ended_at", "ends after it starts"),
    ],
)
def test_an_infusion_has_its_time_within_the_check(starts, lasts, field, words):
    passed = check(lot_at_bedside())
    started = passed.recorded_at + starts
    with pytest.raises(services.UnableToInfuse, match=words) as refusal:
        services.record_infusion(check=passed, started_at=started, ended_at=started + lasts, by=person("sam"))
    assert refusal.value.field == field


def test_somebody_of_another_site_gives_nothing():
    lot = lot_at_bedside()
    passed = check(lot)
    leave("sam")
    with pytest.raises(services.UnableToInfuse, match="another treatment site than that of Sam Whitfield"):
        infuse(passed)


def leave(username):
    with factories.writing():
        person(username).site_memberships.update(until=factories.NOW)
