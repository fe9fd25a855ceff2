"""The right product reaches the right patient, once."""

from datetime import timedelta

import pytest
import time_machine

from tests.cast import person
from tests.treatment.bedside import bags, check, close, infuse, lot_at_bedside, open_deviation
from tilmfg.release.states import LotState
from tilmfg.treatment import selectors, services
from tilmfg.treatment.models import BedsideCheck

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
