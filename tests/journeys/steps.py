"""The stretches of the way that several journeys walk, each through pages only."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from assays.models import Run
from assays.readers.specimen_files import AssayedSample, CountedSample, gen5_plate, vicell_csv
from tests.journeys.person import eventually, upload
from tilmfg.demonstration.path import DAYS, FORM_RESULTS, LATE
from tilmfg.demonstration.people import PASSWORD
from tilmfg.identity.models import Container, TherapyOrder
from tilmfg.release.models import Lot

HERE = ZoneInfo(settings.TILMFG_TIME_ZONE)
TODAY = datetime.now(HERE).replace(hour=9, minute=0, second=0, microsecond=0)
DAY_0 = TODAY - timedelta(days=40)


def typed(moment):
    """As a datetime-local input sends it."""
    return f"{moment.astimezone(HERE):%Y-%m-%dT%H:%M:%S}"


def place_order(house, number=1):
    """`adam` places the order; the id is there before any tissue is, and the bottle's label is printed."""
    page = house.adam.must_send(
        "/orders/new/",
        pseudonym=f"PT-{number:04}",
        site=str(house.site.pk),
        name=f"Invented Patient {number}",
        birth_date="1961-04-12",
        hospital_number=f"H70000{number}",
        indication="melanoma",
        procurement="resection",
        needed_by_date=f"{TODAY + timedelta(days=9):%Y-%m-%d}",
    )
    coi_id = re.search(r"/orders/(CH\w{13})/", page.url)[1]
    order = TherapyOrder.objects.get(coi_id=coi_id)
    print_and_apply(house.adam, order, "TB1")
    return order


def print_and_apply(person, order, code):
    """Print the container's label, look at the PDF, say that it was applied."""
    printed = person.must_send(f"/orders/{order.coi_id}/containers/{code}/label/")
    label = order.labels.get(container__code=code)
    pdf = printed if printed.content.startswith(b"%PDF") else person.open(f"/orders/labels/{label.pk}/")
    assert pdf.content.startswith(b"%PDF")
    person.must_send(person.open(f"/orders/{order.coi_id}/"), **{}) if False else apply(person, order, label)


def apply(person, order, label):
    page = person.open(f"/orders/{order.coi_id}/")
    [form] = [form for form in page.tree.forms if (form.action or "").endswith(f"/labels/{label.pk}/apply/")]
    accepted = person._post(page.url.split("/orders/")[0] + form.action, dict(form.fields))
    assert accepted.status == 200, accepted.text[:1000]
