"""What the floor asks: what is due, how one batch stands, what is on the bench for one step."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404

from tilmfg.identity.models import Container, TherapyOrder
from tilmfg.identity.states import ContainerState, OrderState
from tilmfg.quality.models import Deviation
from tilmfg.quality.states import DeviationState

from .containers import Bench, bench_of
from .models import Batch, ProcessDefinition, StepExecution
from .progress import Progress, progress_of
from .rules import Span, Step
from .services.due import UnableToRecord, require_due
from .states import BatchState

SOON = timedelta(hours=24)
MOST_LISTED = 50  # of what is not due; the scan box finds the rest


def batch_of(lot_number: str) -> Batch:
    batches = Batch.objects.select_related("order__site", "order__patient", "definition", "started_by")
    return get_object_or_404(batches.prefetch_related(with_people()), order__lot_number=lot_number)


def with_people() -> Prefetch:
    people = StepExecution.objects.select_related("performed_by", "verified_by").order_by("pk")
    return Prefetch("executions", queryset=people)


def next_step_of(batch: Batch) -> str | None:
    """The step to open when somebody scans a label of this batch; None once nothing is left to do."""
    progress = progress_of(batch)
    waiting, following = progress.unverified, progress.next_step
    if waiting:
        return waiting.step
    return following.code if following else None


def approved_definitions() -> list[ProcessDefinition]:
    """The latest approved version of each process."""
    approved = ProcessDefinition.objects.filter(approval__isnull=False)
    return list(approved.order_by("code", "-version").distinct("code"))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One step of one batch as the technician meets it."""

    progress: Progress
    step: Step
    span: Span | None
    execution: StepExecution | None
    refusal: str  # why it cannot be performed now
    bench: Bench

    @property
    def batch(self) -> Batch:
        return self.progress.batch


def desk_of(lot_number: str, code: str) -> Desk:
    batch = batch_of(lot_number)
    progress = progress_of(batch)
    try:
        step = progress.process.step(code)
    except LookupError as unknown:
        raise Http404(str(unknown)) from None
    refusal = ""
    try:
        require_due(batch, code)
    except UnableToRecord as refused:
        refusal = str(refused)
    return Desk(
        progress=progress,
        step=step,
        span=progress.span_of(step),
        execution=progress.executions.get(code),
        refusal=refusal,
        bench=bench_of(batch, step),
    )


@dataclass(frozen=True, kw_only=True)
class Card:
    """The next thing to do with one batch: its next step, or the verification of the last one."""

    progress: Progress
    step: Step
    span: Span | None
    day: int
    waiting: StepExecution | None
    critical: str  # number of a deviation that stops the batch

    @property
    def batch(self) -> Batch:
        return self.progress.batch

    @property
    def order(self) -> TherapyOrder:
        return self.batch.order

    @property
    def last_day(self) -> int:
        return self.progress.process.last_day

    @property
    def due_at(self) -> datetime:
        """What comes first stands first."""
        if self.waiting:
            return self.waiting.performed_at
        return self.span.closes_at if self.span else self.batch.started_at


@dataclass(frozen=True, kw_only=True)
class Board:
    overdue: list[Card]
    now: list[Card]
    soon: list[Card]
    later: list[Card]
    stopped: list[Card]
    arrived: list[TherapyOrder]
    expected: list[TherapyOrder]

    @property
    def now_count(self) -> int:
        return len(self.now) + len(self.arrived)

    @property
    def listed_later(self) -> list[Card]:
        return self.later[:MOST_LISTED]

    @property
    def next_card(self) -> Card | None:
        return next(iter(self.soon or self.later), None)


def board(*, now: datetime) -> Board:
    """The floor at this moment, in as many queries for one batch as for five hundred."""
    batches = Batch.objects.filter(state=BatchState.IN_PROCESS).select_related("order")
    batches = batches.prefetch_related(
        with_people(), "definition"
    )  # its long content is read once, not per batch
    critical = dict(
        Deviation.objects.filter(
            state=DeviationState.OPEN,
            classification=Deviation.Classification.CRITICAL,
            chain__startswith="order:",
        ).values_list("chain", "number")
    )
    columns: dict[str, list[Card]] = {name: [] for name in ("overdue", "now", "soon", "later", "stopped")}
    for batch in batches:
        if card := card_of(batch, critical=critical.get(batch.chain, ""), now=now):
            columns[column_of(card, now)].append(card)
    for cards in columns.values():
        cards.sort(key=lambda card: card.due_at)
    orders = TherapyOrder.objects.filter(batch=None).select_related("site")
    bottles = Container.objects.filter(kind=Container.Kind.TUMOR_BOTTLE, state=ContainerState.IN_USE)
    return Board(
        **columns,
        arrived=list(orders.filter(state=OrderState.RECEIVED, pk__in=bottles.values("order")).order_by("pk")),
        expected=list(orders.filter(state=OrderState.ORDERED).order_by("needed_by_date", "pk")[:MOST_LISTED]),
    )


def card_of(batch: Batch, *, critical: str, now: datetime) -> Card | None:
    progress = progress_of(batch)
    waiting = progress.unverified
    step = progress.process.step(waiting.step) if waiting else progress.next_step
    if step is None:
        return None
    return Card(
        progress=progress,
        step=step,
        span=progress.span_of(step),
        day=progress.day_of(now),
        waiting=waiting,
        critical=critical,
    )


def column_of(card: Card, now: datetime) -> str:
    if card.order.state != OrderState.RECEIVED:
        return "stopped"
    if card.waiting or card.span is None:
        return "now"
    if card.span.closes_at < now:
        return "overdue"
    if card.span.opens_at <= now:
        return "now"
    return "soon" if card.span.opens_at <= now + SOON else "later"
