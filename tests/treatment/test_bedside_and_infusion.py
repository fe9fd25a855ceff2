"""The right product reaches the right patient: by the verb, and by the database when somebody goes around the verb."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests import factories
from tests.cast import person
from tilmfg.identity import vault
from tilmfg.identity.models import PatientVault, TherapyOrder
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import NotAuthorised
from tilmfg.release.states import LotState
from tilmfg.treatment import services
from tilmfg.treatment.models import BedsideCheck, Infusion

pytestmark = pytest.mark.django_db


def lot_at_bedside(state=LotState.RELEASED, *, bag_state="at_site", expiry=None, wristband="H1"):
    """A lot of sam's and nora's site with two bags; its patient wears `wristband`."""
    site = factories.make_site("07", "sam", "nora")
    order = factories.make_order(site=site, state="received")
    lot = factories.make_lot(order=order, state=state)
    factories.make_bags(order, 2, state=bag_state, expiry=expiry)
    with factories.writing():
        PatientVault.objects.create(
            patient=order.patient,
            sealed=vault.seal(
                vault.Identity(name="X", birth_date=date(1961, 4, 12), hospital_number=wristband)
            ),
            wristband_index=vault.wristband_index(site.code, wristband),
        )
    return lot


def bags(lot):
    return list(lot.order.containers.filter(kind="bag").order_by("number"))


def check(lot, bag=None, *, wristband="H1", cassette=None, read=None, second="nora", by="sam"):
    bag = bag or bags(lot)[0]
    return services.check_at_bedside(
        lot=lot,
        container=bag,
        wristband=wristband,
        cassette_read=cassette or bag.payload,
        bag_read=read or bag.payload,
        second=person(second),
        by=person(by),
    )


def infuse(passed, by="sam"):
    started = passed.recorded_at
    return services.record_infusion(
        check=passed, started_at=started, ended_at=started + timedelta(milliseconds=1), by=person(by)
    )


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
    lot = lot_at_bedside(expiry=timezone.now().date() - timedelta(days=1))
    with pytest.raises(services.UnableToCheck, match="expired"):
        check(lot)


def test_a_bag_is_given_once():
    lot = lot_at_bedside()
    passed = check(lot)
    infuse(passed)
    with pytest.raises(services.UnableToInfuse, match="infused"):
        infuse(BedsideCheck.objects.get(pk=passed.pk))


def test_people_of_another_site_or_role_are_refused():
    lot = lot_at_bedside()
    factories.make_site("12", "eve")
    with pytest.raises(NotAuthorised):
        check(lot, by="eve")
    with pytest.raises(NotAuthorised):
        check(lot, by="olga")


class TestRawSql:
    """Who goes around the verb meets the same refusals."""

    INSERT = """
        INSERT INTO treatment_infusion
            (order_id, lot_id, patient_id, container_id, check_passed_id, started_at, ended_at, performed_by_id, notes)
        VALUES (%s, %s, %s, %s, %s, now() - interval '1 minute', now(), %s, '')
    """

    def insert(self, lot, passed, *, bag=None, patient=None):
        values = [
            lot.order_id,
            lot.pk,
            (patient or lot.order.patient).pk,
            (bag or bags(lot)[0]).pk,
            passed.pk,
            person("sam").pk,
        ]
        with factories.writing(), connection.cursor() as cursor:
            cursor.execute(self.INSERT, values)

    def refused(self, match, lot, passed, **changes):
        with pytest.raises(DatabaseError, match=match), transaction.atomic():
            self.insert(lot, passed, **changes)
        assert not Infusion.objects.exists()

    def raw_check(self, lot):
        """A passed check written directly, as somebody who goes around the verb would."""
        bag = bags(lot)[0]
        with factories.writing():
            scan = lot.order.scans.create(
                purpose="raw", expected=bag.payload, read=bag.payload, matches=True, scanned_by=person("sam")
            )
            return BedsideCheck.objects.create(
                order=lot.order,
                container=bag,
                patient=lot.order.patient,
                cassette_scan=scan,
                bag_scan=scan,
                matches=True,
                first=person("sam"),
                second=person("nora"),
            )

    def test_the_same_statement_works_for_the_right_lot(self):
        lot = lot_at_bedside()
        self.insert(lot, self.raw_check(lot))
        assert Infusion.objects.count() == 1

    @pytest.mark.parametrize("state", [LotState.QA_REVIEW, LotState.REJECTED])
    def test_it_refuses_a_lot_that_is_not_released(self, state):
        lot = lot_at_bedside(state)
        self.refused(f"the lot is {state}", lot, self.raw_check(lot))

    def test_it_refuses_another_patient(self):
        lot = lot_at_bedside()
        other = factories.make_order().patient
        self.refused("for another patient", lot, self.raw_check(lot), patient=other)

    def test_it_refuses_an_expired_bag(self):
        lot = lot_at_bedside(expiry=timezone.now().date() - timedelta(days=1))
        self.refused("expired", lot, self.raw_check(lot))

    def test_it_refuses_a_bag_that_was_not_checked(self):
        lot = lot_at_bedside()
        self.refused("no passed bedside check", lot, self.raw_check(lot), bag=bags(lot)[1])

    def test_it_refuses_a_bag_of_another_order(self):
        lot, other = lot_at_bedside(), lot_at_bedside(wristband="H2")
        rules = "rows_of_one_order_stay_together|no passed bedside check"
        self.refused(rules, lot, self.raw_check(lot), bag=bags(other)[0])

    def test_it_refuses_a_check_that_claims_to_match_for_another_patient(self):
        lot = lot_at_bedside()
        passed, other = self.raw_check(lot), factories.make_order().patient
        with pytest.raises(DatabaseError, match="a_matching_check_really_matches"), factories.writing():
            BedsideCheck.objects.create(
                order=lot.order,
                container=passed.container,
                patient=other,
                cassette_scan=passed.cassette_scan,
                bag_scan=passed.bag_scan,
                matches=True,
                first=person("sam"),
                second=person("nora"),
            )

    def test_it_refuses_a_check_by_one_person(self):
        passed = self.raw_check(lot_at_bedside())
        columns = "order_id, container_id, patient_id, cassette_scan_id, bag_scan_id, matches, first_id"
        statement = f"""
            INSERT INTO treatment_bedsidecheck ({columns}, second_id)
            SELECT {columns}, first_id FROM treatment_bedsidecheck WHERE id = %s
        """
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="the_bedside_check_takes_two_people"),
            factories.writing(),
        ):
            cursor.execute(statement, [passed.pk])
