"""What a person may know of orders."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.facility.selectors import sites_of
from tilmfg.quality.models import Deviation
from tilmfg.records.models import Event

from . import isbt128, rules, vault
from .models import Container, CustodyEvent, Label, Lineage, Patient, Scan, TherapyOrder
from .states import ORDER, LabelState

EVENTS_SHOWN = 100


def orders_visible_to(user: User) -> QuerySet[TherapyOrder]:
    """All of them for the facility's people, those of their site for a site's, none for others."""
    orders = TherapyOrder.objects.all()
    return orders if user.holds(*FACILITY_ROLES) else orders.filter(site__in=sites_of(user))


def order_of(user: User, coi_id: str) -> TherapyOrder:
    """The order of this id, or 404 as if it were not there."""
    orders = orders_visible_to(user).select_related("patient", "site", "placed_by", "previous__placed_by")
    return get_object_or_404(orders, coi_id=coi_id)


def wearer_of(order: TherapyOrder, wristband: str) -> Patient | None:
    """Who wears this number at the order's hospital; tells nothing else of the person."""
    indexes = vault.wristband_indexes(order.site.code, wristband)
    return Patient.objects.filter(vault__wristband_index__in=indexes).first()


def last_stop(order: TherapyOrder) -> Event | None:
    """What stopped the order last, if anything ever did."""
    stops = Event.objects.filter(subject_kind=ORDER.kind, subject_id=order.pk, name="identity.order.stopped")
    return stops.select_related("actor").order_by("pk").last()


def find_orders(user: User, *, text: str, state: str) -> QuerySet[TherapyOrder]:
    """What this person may see, of one state if that is asked for, by any identifier."""
    orders = orders_visible_to(user).select_related("patient", "site")
    return search_orders(orders.filter(state=state) if state else orders, text)


def search_orders(orders: QuerySet[TherapyOrder], text: str) -> QuerySet[TherapyOrder]:
    """By any identifier, whole or in part: lot number, chain-of-identity id (scanned, typed, with or without its
    check character), pseudonym."""
    compact = "".join(text.split())
    if not compact:
        return orders
    try:
        return orders.filter(coi_id=str(isbt128.parse(text).coi_id))
    except isbt128.UnableToReadIdentifier:
        if rules.is_lot_number(compact):
            return orders.filter(lot_number=compact.upper())
        return orders.filter(
            Q(lot_number__icontains=compact)
            | Q(patient__pseudonym__icontains=compact)
            | Q(coi_id__icontains=compact)
        )


@dataclass(frozen=True, kw_only=True)
class OrderRecord:
    """Everything identity knows of one order, read once."""

    order: TherapyOrder
    containers: list[Container]
    lineage: list[Lineage]
    labels: list[Label]
    scans: list[Scan]
    custody: list[CustodyEvent]
    deviations: list[Deviation]
    later_orders: list[TherapyOrder]
    events: list[Event]  # newest first
    events_are_more: bool

    @property
    def labels_unaccounted(self) -> int:
        return sum(label.state == LabelState.PRINTED for label in self.labels)


def order_record(order: TherapyOrder) -> OrderRecord:
    """The queries of the order page: as many for a long order as for a short one."""
    newest = Event.objects.filter(chain=order.chain).select_related("actor").order_by("-pk")
    events = list(newest[: EVENTS_SHOWN + 1])
    labels = order.labels.select_related("container", "printed_by").defer("pdf")
    custody = order.custody_events.select_related("container", "took", "second")
    containers = list(order.containers.order_by("pk"))
    for container in containers:
        container.order = order
    return OrderRecord(
        order=order,
        containers=containers,
        lineage=list(Lineage.objects.filter(order=order).order_by("pk")),
        labels=list(labels.order_by("pk")),
        scans=list(order.scans.select_related("scanned_by").order_by("-pk")),
        custody=list(custody.order_by("performed_at", "pk")),
        deviations=list(Deviation.objects.filter(chain=order.chain).order_by("-pk")),
        later_orders=list(order.later_orders.order_by("pk")),
        events=events[:EVENTS_SHOWN],
        events_are_more=len(events) > EVENTS_SHOWN,
    )


def scan_of(user: User, pk: int) -> Scan:
    """A scan of an order this person may see."""
    scans = Scan.objects.select_related("order__patient", "order__site", "scanned_by")
    return get_object_or_404(scans, pk=pk, order__in=orders_visible_to(user))


def label_of(user: User, pk: int) -> Label:
    """A printed label of an order this person may see."""
    labels = Label.objects.select_related("order", "container__order")
    return get_object_or_404(labels, pk=pk, order__in=orders_visible_to(user))


def container_of(order: TherapyOrder, code: str) -> Container:
    return get_object_or_404(order.containers.select_related("order__patient"), code=code)
