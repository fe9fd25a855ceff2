"""Rows about identity that the database refuses whoever writes them, each by the rule it names."""

from datetime import date

import pytest

from tests import factories
from tests.cast import person
from tests.raw_sql import again, refused, run
from tilmfg.identity.models import ArrivalLimit, Container, CustodyEvent, Label, Lineage, Scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """One of each, of one order; beside it another order."""
    order, other, olga = factories.make_order(), factories.make_order(), person("olga")
    tumor = order.containers.get()
    with factories.writing():
        bag = Container.objects.create(order=order, code="BG1", kind="bag")
        link = Lineage.objects.create(order=order, parent=tumor, child=bag)
        scan = Scan.objects.create(
            order=order, purpose="receipt", expected="x", read="x", matches=True, scanned_by=olga
        )
        label = Label.objects.create(
            order=order,
            container=tumor,
            copy=1,
            template="t",
            payload="x",
            decoded="x",
            pdf=b"",
            printed_by=olga,
        )
        custody = CustodyEvent.objects.create(
            order=order,
            container=tumor,
            kind="received",
            gave="Courier",
            took=olga,
            place="Dock",
            performed_at=factories.NOW,
            condition="Intact",
            scan=scan,
        )
        limit = ArrivalLimit.objects.create(
            low_c=1, high_c=10, effective_date=date(2031, 1, 1), source="Validation"
        )
    elsewhere = other.containers.get().pk
    return {
        "order": order, "tumor": tumor, "link": link, "label": label, "custody": custody, "limit": limit,
        "olga": olga.pk, "elsewhere": elsewhere,
    }  # fmt: skip


def test_links_labels_and_containers_are_what_they_must_be(rows):
    order, tumor, link, label = (rows[name] for name in ("order", "tumor", "link", "label"))
    for row, rule, changed in (
        (tumor, "container_codes_are_unique_in_an_order", {}),
        (tumor, "containers_are_n_of_their_group", {"code": "TB9", "number": 2}),
        (link, "one_link_between_two_containers", {}),
        (link, "no_container_is_its_own_parent", {"child_id": tumor.pk}),
        (label, "copies_of_a_label_are_numbered", {}),
        (label, "reprints_have_a_reason", {"copy": 2}),
        (order, "coi_ids_have_the_shape_of_structure_040", {"coi_id": "CH1", "lot_number": "TIL-2025-9998"}),
        (order, "orders_name_a_known_indication", {"coi_id": "CHA999925999998", "lot_number": "TIL-2025-9998",
                                                   "indication": "hiccups"}),
    ):  # fmt: skip
        with refused(rule):
            again(row, **changed)


def test_things_change_hands_by_scan_between_two_people_within_one_order(rows):
    custody, limit = rows["custody"], rows["limit"]
    stored = {"kind": "stored", "scan_id": None}
    for row, rule, changed in (
        (custody, "things_change_hands_by_scan", {"scan_id": None}),
        (custody, "two_people_are_two_different_people", stored | {"second_id": rows["olga"]}),
        (custody, "rows_of_one_order_stay_together", stored | {"container_id": rows["elsewhere"]}),
        (limit, "arrival_limits_are_a_range", {"low_c": 11, "effective_date": date(2031, 1, 2)}),
    ):
        with refused(rule):
            again(row, **changed)


@pytest.mark.parametrize("table", ["lineage", "scan", "custodyevent", "arrivallimit"])
def test_what_happened_is_never_edited(rows, table):
    with refused("append-only"):
        run(f"UPDATE identity_{table} SET id = id")
