"""Who goes around the verb meets the same refusals in the database."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from tests.cast import person
from tests.raw_sql import again, refused, run
from tests.treatment.bedside import bags, lot_at_bedside, open_deviation
from tilmfg.records.days import facility_today
from tilmfg.release.states import LotState
from tilmfg.treatment.models import BedsideCheck, Infusion

pytestmark = pytest.mark.django_db


class TestRawSql:
    """Who goes around the verb meets the same refusals."""

    INSERT = """
        INSERT INTO treatment_infusion
            (order_id, lot_id, patient_id, container_id, check_passed_id, started_at, ended_at, performed_by_id,
            notes, late_entry_reason)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', '')
    """

    def insert(
        self, lot, passed, *, bag=None, patient=None, started_at=None, ended_at=None, statement=INSERT
    ):
        started_at = started_at or passed.recorded_at
        values = [
            lot.order_id,
            lot.pk,
            (patient or lot.order.patient).pk,
            (bag or bags(lot)[0]).pk,
            passed.pk,
            started_at,
            ended_at or started_at + timedelta(milliseconds=1),
            person("sam").pk,
        ]
        with factories.writing(), connection.cursor() as cursor:
            cursor.execute(statement, values)

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
        lot = lot_at_bedside(expiry=facility_today() - timedelta(days=2))
        self.refused("expired", lot, self.raw_check(lot))

    def test_it_refuses_a_bag_that_was_not_checked(self):
        lot = lot_at_bedside()
        self.refused("no passed bedside check", lot, self.raw_check(lot), bag=bags(lot)[1])

    def test_it_refuses_a_bag_of_another_order(self):
        lot, other = lot_at_bedside(), lot_at_bedside(wristband="H2")
        rules = "rows_of_one_order_stay_together|no passed bedside check"
        self.refused(rules, lot, self.raw_check(lot), bag=bags(other)[0])

    def test_it_refuses_an_infusion_before_its_check(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        self.refused("within three hours", lot, passed, started_at=passed.recorded_at - timedelta(minutes=2))

    def test_it_refuses_an_infusion_long_after_its_check(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        late = passed.recorded_at + timedelta(hours=3, minutes=1)
        self.refused("within three hours", lot, passed, started_at=late)

    def test_it_refuses_an_infusion_that_has_not_ended(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        self.refused("not ended", lot, passed, ended_at=passed.recorded_at + timedelta(minutes=30))

    def test_it_refuses_while_a_deviation_is_open(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        open_deviation(lot)
        self.refused("a deviation of the order is open", lot, passed)

    def test_it_refuses_a_check_whose_scans_are_of_another_bag(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        with pytest.raises(DatabaseError, match="a_matching_check_really_matches"), factories.writing():
            BedsideCheck.objects.create(
                order=lot.order,
                container=bags(lot)[1],
                patient=lot.order.patient,
                cassette_scan=passed.cassette_scan,
                bag_scan=passed.bag_scan,
                matches=True,
                first=person("sam"),
                second=person("nora"),
            )

    def test_it_refuses_a_matching_check_without_a_second_person(self):
        passed = self.raw_check(lot_at_bedside())
        columns = "order_id, container_id, patient_id, cassette_scan_id, bag_scan_id, matches, first_id"
        statement = f"""
            INSERT INTO treatment_bedsidecheck ({columns})
            SELECT {columns} FROM treatment_bedsidecheck WHERE id = %s
        """
        with (
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="the_bedside_check_takes_two_people"),
            factories.writing(),
        ):
            cursor.execute(statement, [passed.pk])

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

    def test_it_refuses_an_infusion_that_ends_as_it_starts(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        self.refused("infusions_end_after_they_start", lot, passed, ended_at=passed.recorded_at)

    def test_it_refuses_an_infusion_entered_late_without_a_reason(self):
        lot = lot_at_bedside()
        passed = self.raw_check(lot)
        an_hour_later = self.INSERT.replace("_reason)", "_reason, recorded_at)").replace(
            "'', '')", "'', '', now() + interval '1 hour')"
        )
        with refused("late_infusions_say_why"):
            self.insert(lot, passed, statement=an_hour_later)

    def test_it_refuses_checks_and_infusions_with_parts_of_two_orders(self):
        lot, other = lot_at_bedside(), lot_at_bedside(wristband="H2")
        passed = self.raw_check(lot)
        self.insert(lot, passed)
        rule = "rows_of_one_order_stay_together"
        with refused(rule):
            again(passed, order_id=other.order_id)
        with refused(rule):
            again(Infusion.objects.get(), order_id=other.order_id)

    @pytest.mark.parametrize("table", ["bedsidecheck", "infusion"])
    def test_checks_and_infusions_are_never_edited(self, table):
        lot = lot_at_bedside()
        self.insert(lot, self.raw_check(lot))
        with refused(f"treatment_{table} is append-only"):
            run(f"UPDATE treatment_{table} SET order_id = order_id")
