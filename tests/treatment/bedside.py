"""What the tests of the treatment site stand on: a lot at its patient's bed."""

from datetime import date, timedelta

from tests import factories
from tests.cast import person
from tilmfg.identity import vault
from tilmfg.identity.models import PatientVault
from tilmfg.quality.models import Deviation
from tilmfg.release.states import LotState
from tilmfg.treatment import services


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


def close(deviation):
    with factories.writing():
        deviation.closure = factories.sign_for(deviation, "quality.deviation", "quinn", meaning="closed")
        deviation.state, deviation.impact, deviation.classification = "closed", "None.", "minor"
        deviation.save()


def open_deviation(lot):
    with factories.writing():
        return Deviation.objects.create(
            number=f"DEV-2025-{lot.pk:04}",
            chain=lot.chain,
            subject_kind="release.lot",
            subject_id=lot.pk,
            kind="other",
            title="The shipper stood open",
            description="For an hour.",
            opened_by=person("sam"),
        )
