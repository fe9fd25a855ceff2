"""Lists of lots: what a person may see, soonest needed first."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404

from tilmfg.accounts.models import User
from tilmfg.identity.models import SOME_DAY, Container
from tilmfg.identity.selectors import orders_visible_to, search_orders
from tilmfg.identity.states import ContainerState
from tilmfg.shell.paging import PAGE_SIZE, Page, UnknownPage

from ..models import Document, Lot
from ..states import LotState
from .dossier import lots

OPEN = (LotState.QA_REVIEW, LotState.IN_TESTING, LotState.EXPANDING, LotState.ON_HOLD)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One state to filter the list by; `state` is empty for everything that waits for a decision."""

    state: str
    word: str
    count: int | None
    is_chosen: bool


def lots_visible_to(user: User) -> QuerySet[Lot]:
    return Lot.objects.filter(order__in=orders_visible_to(user))


def lot_of(user: User, lot_number: str) -> Lot:
    """The lot with all that its page needs, or 404 as if it were not there."""
    try:
        return lots().get(order__lot_number=lot_number, order__in=orders_visible_to(user))
    except Lot.DoesNotExist:
        raise Http404(f"There is no lot {lot_number} that you may see.") from None


def lots_page(user: User, query, *, size: int = PAGE_SIZE) -> Page:
    """The lots that `query` (request.GET) asks for by `state`, `search` and place."""
    found = lots_visible_to(user).select_related("order__site")
    state = query.get("state", "")
    if state != "all":
        found = found.filter(state__in=[state] if state in LotState.values else OPEN)
    if query.get("search", "").strip():
        found = found.filter(order__in=search_orders(orders_visible_to(user), query["search"]))
    found = found.annotate(needed=Coalesce("order__needed_by_date", SOME_DAY))  # type: ignore[no-redef]
    return _soonest_first(found, query, size=size)


def _soonest_first(found: QuerySet, query, *, size: int) -> Page:
    after, before = _place(query, "after"), _place(query, "before")
    if before:
        needed, pk = before
        earlier = found.filter(Q(needed__lt=needed) | Q(needed=needed, order__lt=pk))
        rows = list(earlier.order_by("-needed", "-order_id")[: size + 1])
        more_before, more_after, rows = len(rows) > size, True, rows[:size][::-1]
    else:
        if after:
            needed, pk = after
            found = found.filter(Q(needed__gt=needed) | Q(needed=needed, order__gt=pk))
        rows = list(found.order_by("needed", "order_id")[: size + 1])
        more_before, more_after, rows = bool(after), len(rows) > size, rows[:size]
    return Page(
        rows=rows,
        previous={"before": _mark(rows[0])} if rows and more_before else None,
        next={"after": _mark(rows[-1])} if rows and more_after else None,
    )


def _mark(lot: Lot) -> str:
    return f"{lot.needed.isoformat()}.{lot.order_id}"


def _place(query, name: str) -> tuple[date, int] | None:
    text = query.get(name)
    if not text:
        return None
    day, _, pk = text.rpartition(".")
    try:
        return date.fromisoformat(day), int(pk)
    except ValueError:
        raise UnknownPage(f"“{name}={text}” names no place in this list.") from None


def choices(user: User, chosen: str) -> list[Choice]:
    """The states to filter by; what waits for a decision is counted."""
    waiting = lots_visible_to(user).filter(state__in=OPEN)
    counts = dict(waiting.order_by().values_list("state").annotate(Count("pk")))
    decided = (LotState.RELEASED, LotState.REJECTED, LotState.INFUSED)
    states: list[tuple[str, str, int | None]] = [
        ("", "Undecided", sum(counts.values())),
        *((state.value, state.label, counts.get(state.value, 0)) for state in OPEN[:3]),
        *((state.value, state.label, None) for state in decided),
        ("all", "All", None),
    ]
    return [
        Choice(state=state, word=word, count=count, is_chosen=state == chosen)
        for state, word, count in states
    ]


def lot_at_site(lot_number: str, user: User) -> dict:
    """What a treatment site sees of its lot: where it is, its bags, its certificate."""
    lot = lot_of(user, lot_number)
    order = lot.order
    bags = order.containers.filter(kind=Container.Kind.BAG).exclude(state=ContainerState.LABELLED)
    certificates = order.documents.filter(kind=Document.Kind.CERTIFICATE_OF_ANALYSIS).defer("content")
    return {"lot": lot, "order": order, "bags": list(bags.order_by("pk")), "documents": list(certificates)}
