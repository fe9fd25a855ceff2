"""An instrument counts as calibrated or not on the day on which it measured."""

from datetime import timedelta

import pytest

from assays.models import Run
from assays.services.imports import UnableToImport
from tests import factories
from tests.assays import bench
from tests.raw_sql import refused
from tests.raw_sql import run as sql
from tilmfg.records.days import facility_day, facility_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def measured_on():
    return facility_day(bench.an_hour_ago())


def test_what_was_measured_out_of_calibration_is_not_imported(measured_on):
    """P11-08."""
    factories.make_equipment("plate_reader", due=measured_on - timedelta(days=1))
    with pytest.raises(UnableToImport, match="what it measured out of calibration, on") as refusal:
        bench.import_plate(bench.received_sample())
    assert refusal.value.field == "instrument"
    assert not Run.objects.exists()


def test_what_was_measured_before_is_imported_afterwards():
    reader = factories.make_equipment("plate_reader", due=facility_today() - timedelta(days=30))
    sample = bench.received_sample()
    content = bench.plate(sample, read_at=bench.an_hour_ago() - timedelta(days=40))
    run = bench.import_plate(sample, content=content, acceptance="The sample was registered later.")
    assert run.instrument == reader


def test_the_database_asks_again(measured_on):
    run = bench.import_plate(bench.received_sample())
    overdue = factories.make_equipment("plate_reader", due=measured_on - timedelta(days=2))
    with refused("runs_are_measured_by_calibrated_instruments"):
        sql(
            "INSERT INTO assays_run (method_id, file_id, instrument_id, state, analyst_id, measured_at, signal_read,"
            " reference_read, plate_in_file, plate_read, plate_scanned, findings, acceptance)"
            " SELECT method_id, file_id, %s, 'imported', analyst_id, measured_at, signal_read, reference_read,"
            " 'P2', '', '', '[]', '' FROM assays_run WHERE id = %s",
            overdue.pk,
            run.pk,
        )
