"""What a treatment site sees: its own patients' lots, where the product is, and whether treatment may start."""

from dataclasses import dataclass

from django.db.models import CharField, Exists, F, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tilmfg.facility.selectors import sites_of
from tilmfg.identity.models import Container
from tilmfg.identity.states import ContainerState, OrderState
from tilmfg.quality.models import Deviation
from tilmfg.quality.states import DeviationState
from tilmfg.records.words import in_a_sentence
from tilmfg.release.models import Disposition, Lot
from tilmfg.release.states import PROVIDABLE, DispositionState, LotState

from .models import BedsideCheck, Infusion
from .services.standing import today_at

ENDED = (LotState.INFUSED, LotState.REJECTED, LotState.TERMINATED, LotState.RECALLED)
SHOWN = 100

_BAGS = Prefetch(
    "order__containers",
    queryset=Container.objects.filter(kind=Container.Kind.BAG).order_by("number"),
    to_attr="bags",
)
_DECISIONS = Prefetch(
    "dispositions",
    queryset=Disposition.objects.filter(state=DispositionState.EXECUTED).select_related("approval"),
    to_attr="decisions",
)


@dataclass(frozen=True)
class Go:
    """Whether lymphodepletion may start, and why; the label asks to confirm the product before it."""

    is_go: bool
    because: str
    decided_by: str = ""


def lots_at_sites(user):
    """Lots of the person's sites, with what `go_for` asks."""
    lots = Lot.objects.filter(order__site__in=sites_of(user))
    lots = lots.select_related("order__site", "order__patient").prefetch_related(_BAGS, _DECISIONS)
    open_deviation = Deviation.objects.filter(
        chain=Concat(Value("order:"), Cast(OuterRef("order_id"), CharField())), state=DeviationState.OPEN
    )
    return lots.annotate(is_under_investigation=Exists(open_deviation))


def lots_under_way(user) -> QuerySet[Lot]:
    """The most urgent first; what has no date yet comes last."""
    lots = lots_at_sites(user).exclude(state__in=ENDED)
    return lots.order_by(F("order__needed_by_date").asc(nulls_last=True), "id")


def lots_ended(user) -> QuerySet[Lot]:
    return lots_at_sites(user).filter(state__in=ENDED)


def lot_at_site(user, lot_number):
    return get_object_or_404(lots_at_sites(user), order__lot_number=lot_number)


def bag_of(lot, code):
    return get_object_or_404(Container, order=lot.order_id, kind=Container.Kind.BAG, code=code)


def checks_of(lot):
    return (
        BedsideCheck.objects.filter(order=lot.order_id)
        .select_related("container", "first", "second", "cassette_scan", "bag_scan", "order__patient")
        .order_by("-id")
    )


def infusions_of(lot):
    return Infusion.objects.filter(lot=lot).select_related("container", "performed_by").order_by("id")


def check_for_infusion(lot, pk):
    return get_object_or_404(checks_of(lot), pk=pk)


def go_for(lot) -> Go:
    """Go only when the product is released and in the site's hands."""
    bags = lot.order.bags
    decided_by = lot.decisions[0].approval.printed_name if lot.decisions else ""
    if lot.order.state != OrderState.RECEIVED:
        return Go(
            False, f"The order is not in good standing: {in_a_sentence(lot.order.get_state_display())}."
        )
    if lot.state == LotState.INFUSED:
        return Go(False, "The product has been infused.", decided_by)
    if lot.state not in PROVIDABLE:
        return Go(False, f"The lot is not released: {in_a_sentence(lot.get_state_display())}.", decided_by)
    if not bags or any(bag.state == ContainerState.STORED for bag in bags):
        return Go(False, "Released. The product has not arrived at the site yet.", decided_by)
    if lot.is_under_investigation:
        return Go(False, "A deviation is open; QA has to close it first. Call the manufacturing facility.")
    today = today_at(lot.order.site)
    left = [bag for bag in bags if bag.state == ContainerState.AT_SITE]
    if not left or any(bag.expiry_date is None or bag.expiry_date < today for bag in left):
        return Go(False, "A bag has expired, or none is left. Call the manufacturing facility.", decided_by)
    return Go(True, "Released and received: product confirmed. Confirm IL-2 is at hand.", decided_by)


def failed_check(lot, pk):
    return get_object_or_404(checks_of(lot).filter(matches=False), pk=pk)


def mismatch_in_words(check) -> dict:
    """What differed at the bedside, for the page that stops everybody."""
    scans = [scan for scan in (check.cassette_scan, check.bag_scan) if scan is not None]
    wrong = next((scan for scan in scans if not scan.matches), None)
    order = check.container.order
    hold = "is stopped" if order.state == OrderState.STOPPED else "waits until QA has closed the deviation"
    return (label_in_words(wrong) if wrong else wristband_in_words(check)) | {
        "at": check.recorded_at,
        "by": f"{check.first} with {check.second}" if check.second else check.first,
        "where": order.site.name,
        "stopped": [f"Order {order.lot_number} {hold}.", "No bag of it can be given."],
        "told": ["QA and the identity administrator see it on their first page; a deviation is open."],
        "todo": [
            "Do not spike the bag. Put it back into its cassette.",
            "Leave wristband, cassette and bag together where they are, and stay with them.",
            "Call the manufacturing facility.",
        ],
        "links": [
            {"name": f"Lot {order.lot_number}", "url": reverse("treatment_lot", args=[order.lot_number])}
        ],
    }


def label_in_words(scan) -> dict:
    return {"expected": scan.expected, "read": scan.read}


def wristband_in_words(check) -> dict:
    if check.patient is None:
        what, worn_by = "Nobody of this hospital is known by this wristband.", "nobody known here"
    else:
        what, worn_by = "This is another patient’s wristband.", check.patient.pseudonym
    return {"wristband": what, "expected": check.container.order.patient.pseudonym, "read": worn_by}
