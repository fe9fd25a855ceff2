"""Lots of controls and the runs that read them, for tests."""

from datetime import timedelta

from django.utils import timezone

from assays import catalogue, services
from tests.assays import bench
from tests.assays.test_review_run import review
from tests.cast import person
from tilmfg.records.days import facility_today


def register(name="CTL1", *, trial_name="", lot_number="A1", **given):
    bench.method_of(catalogue.IFNG_ELISA)
    arguments = {
        "method_code": "ifng-elisa",
        "unit": "pg/mL",
        "expiry_date": facility_today() + timedelta(days=300),
        "opened_at": timezone.now() - timedelta(days=400),
    }
    return services.register_control_lot(
        name=name, trial_name=trial_name, lot_number=lot_number, **arguments | given, by=person("ana")
    )


def measured(*, seed=1):
    sample = bench.received_sample()
    return bench.compute(bench.import_plate(sample, content=bench.plate(sample, seed=seed)))


def reviewed(*, seed=1):
    run = measured(seed=seed)
    review(run)
    return run


def proposed():
    """A lot, read in twenty runs, and the value proposed for it."""
    lot = register()
    for seed in range(20):
        reviewed(seed=seed)
    return services.propose_value(lot=lot, by=person("ana"))
