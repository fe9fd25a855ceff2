"""All that a page about one lot shows, read in a fixed number of questions."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.shortcuts import get_object_or_404
from django.urls import reverse

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.identity import event_words
from tilmfg.identity.models import Container
from tilmfg.identity.selectors import orders_visible_to
from tilmfg.records.days import facility_day, facility_today
from tilmfg.records.models import AuditEvent, Event, Signature
from tilmfg.records.signature_status import Status, status
from tilmfg.shell import pictures
from tilmfg.shell.numbers import readable
from tilmfg.shell.state_words import look_of

from .. import dossier as d
from ..drawings import LimitDrawing, draw_limit
from ..gates import Blocker, Gate, Standing, gates_of, ready_on
from ..models import Disposition, Document, Lot
from ..review import Check, checks_of, exceptions_in
from ..rules import Criterion, CriterionOutcome
from ..signed import SignedLot, signed_dispositions
from ..states import DispositionState
from ..trail import LotTrail
from ..voiding import covers
from ..words import STAGES, compared_in_words, limit_in_words
from .dossier import dossier_of, of_the_record
from .listing import OPEN, lot_of
from .trail import trail_of

TIMELINE = 200
TONES = {"neutral": "ahead", "good": "good", "warning": "caution", "bad": "bad"}


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """One criterion with what answers it."""

    criterion: Criterion
    outcome: CriterionOutcome
    result: d.Result | None
    drawing: LimitDrawing | None

    @property
    def limit(self) -> str:
        return limit_in_words(self.criterion)

    @property
    def compared(self) -> str:
        return compared_in_words(self.outcome.compared, self.criterion)

    @property
    def stage(self) -> str:
        return STAGES[self.criterion.stage]

    @property
    def method(self) -> str:
        if self.result is None:
            return self.criterion.methods_in_words
        return f"{self.result.method_name}, version {self.result.method_version}"

    @property
    def evidence(self) -> str:
        if self.result is None:
            return ""
        return (
            f"run {self.result.run}" if self.result.run else f"sample {self.result.sample.rpartition('-')[2]}"
        )

    @property
    def evidence_url(self) -> str:
        if self.result is None:
            return ""
        if self.result.run:
            return reverse("run", args=[self.result.run])
        return reverse("sample", args=[self.result.sample])


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature as it is shown, and how it stands."""

    signature: Signature
    status: Status


@dataclass(frozen=True, kw_only=True)
class Decision:
    disposition: Disposition
    signatures: list[Signed]


class LotRecord:
    """A lot, its dossier, and all that follows from both; each question is asked when a page first needs it."""

    def __init__(self, lot: Lot):
        self.lot, self.order = lot, lot.order
        self.evaluations = list(lot.evaluations.select_related("specification").order_by("-pk"))
        pinned = self.evaluations[-1].specification if self.evaluations else None
        self.dossier = dossier_of(lot, pinned=pinned)
        self.today = facility_today()

    # ── Where it stands ──────────────────────────────────────────────────────────────────────────

    @cached_property
    def is_open(self) -> bool:
        return self.lot.state in OPEN

    @cached_property
    def standing(self) -> Standing:
        return Standing(
            dossier=self.dossier,
            lot_state=self.lot.state,
            evaluated=self.evaluations[0].digest if self.evaluations else None,
            trail_reviewed_to=self.lot.trail_reviewed_to,
            today=self.today,
        )

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        return gates_of(self.standing)

    @cached_property
    def blockers(self) -> list[Blocker]:
        """Failures first, then what can be lifted soonest; that nothing is tested yet goes without saying."""
        found = [blocker for gate in self.gates if gate.code != "lot" for blocker in gate.blockers]
        return sorted(found, key=lambda blocker: (not blocker.is_failure, blocker.on or date.min))

    @property
    def fails(self) -> bool:
        return any(blocker.is_failure for blocker in self.blockers)

    @cached_property
    def ready_on(self) -> date | None:
        return ready_on(self.standing)

    @property
    def ready_in_days(self) -> int | None:
        return None if self.ready_on is None else (self.ready_on - self.today).days

    @property
    def needed_in_days(self) -> int | None:
        needed_by = self.order.needed_by_date
        return None if needed_by is None else (needed_by - self.today).days

    @property
    def days_overdue(self) -> int:
        return max(0, -(self.needed_in_days or 0))

    @property
    def is_late(self) -> bool:
        return bool(self.ready_on and self.order.needed_by_date and self.ready_on > self.order.needed_by_date)

    # ── What was found ───────────────────────────────────────────────────────────────────────────

    @cached_property
    def matrix(self) -> list[MatrixRow]:
        specification, evaluation = self.dossier.specification, self.dossier.evaluation
        if specification is None or evaluation is None:
            return []
        results = {result.id: result for result in self.dossier.results}
        return [
            MatrixRow(
                criterion=criterion,
                outcome=outcome,
                result=None if outcome.result is None else results[outcome.result],
                drawing=draw_limit(criterion, outcome),
            )
            for criterion, outcome in zip(specification.criteria, evaluation.outcomes, strict=True)
        ]

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        return checks_of(self.dossier)

    @cached_property
    def exceptions(self) -> tuple[Check, ...]:
        return exceptions_in(self.checks)

    @property
    def passed_count(self) -> int:
        return len(self.checks) - len(self.exceptions)

    @property
    def passed_percent(self) -> int:
        return 100 * self.passed_count // len(self.checks) if self.checks else 0

    @cached_property
    def growth(self) -> list[pictures.Reading]:
        """The counts that the process definition marks as points of the growth curve."""
        if self.dossier.batch is None:
            return []
        steps = self.order.batch.definition.content["steps"]
        points = {
            (step["code"], item["code"])
            for step in steps
            for item in step.get("computed", ())
            if item.get("growth")
        }
        begun = facility_day(self.dossier.batch.started_at)
        return [
            pictures.Reading(day=(facility_day(step.performed_at) - begun).days, cells=reading.value)
            for step, reading in self.dossier.readings
            if (step.code, reading.parameter) in points and reading.value is not None
        ]

    @cached_property
    def nodes(self) -> list[pictures.Node]:
        return [
            pictures.Node(
                id=container.code,
                kind=str(Container.Kind(container.kind).label),
                label=container.code,
                detail=_contents(container),
                tone=look_of("container", container.state).tone,
            )
            for container in self.dossier.containers
        ]

    @cached_property
    def edges(self) -> list[tuple[str, str]]:
        return [
            (origin.code, container.code)
            for container in self.dossier.containers
            for origin in container.origins
        ]

    # ── What was decided ─────────────────────────────────────────────────────────────────────────

    @cached_property
    def dispositions(self) -> list[Disposition]:
        return list(
            signed_dispositions().filter(lot=self.lot).select_related("review", "approval").order_by("-pk")
        )

    @cached_property
    def disposition(self) -> Disposition | None:
        """The one that stands: not void."""
        standing = [one for one in self.dispositions if one.state != DispositionState.VOID]
        return standing[0] if standing else None

    @property
    def review_covers_the_record(self) -> bool:
        return self.disposition is not None and covers(self.disposition, self.dossier)

    @cached_property
    def decisions(self) -> list[Decision]:
        known = SignedLot(dossier=self.dossier, dispositions=tuple(self.dispositions))
        return [
            Decision(
                disposition=disposition,
                signatures=[
                    Signed(signature=signature, status=status(signature, of=self.lot, record=known))
                    for signature in (disposition.review, disposition.approval)
                    if signature is not None
                ],
            )
            for disposition in self.dispositions
        ]

    @cached_property
    def trail(self) -> LotTrail:
        return trail_of(self.lot)

    @property
    def trail_waits(self) -> bool:
        return any(gate.code == "trail" and not gate.is_open for gate in self.gates)

    @cached_property
    def trail_review(self) -> Signed | None:
        """The last one, with its signature."""
        review = self.lot.trail_reviews.select_related("signature").order_by("-pk").first()
        if review is None:
            return None
        return Signed(signature=review.signature, status=status(review.signature, of=self.lot))

    @cached_property
    def documents(self) -> list[Document]:
        return list(Document.objects.filter(order=self.order).defer("content").order_by("pk"))

    # ── What happened ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def timeline(self) -> list[pictures.Event]:
        """Newest first."""
        events = Event.objects.filter(chain=self.lot.chain).select_related("actor").order_by("-pk")
        return [_told(event) for event in events[:TIMELINE]]


def _contents(container: d.Container) -> str:
    cells = container.viable_cells and f"{readable(container.viable_cells)} cells"
    volume = container.volume_ml and f"{readable(container.volume_ml)} mL"
    return cells or volume or look_of("container", container.state).word


def _told(event: Event) -> pictures.Event:
    event.details.pop("digest", None)  # for the audit trail, not for eyes
    line = event_words.line(event)
    subject = "" if line.subject.endswith(f" {event.subject_id}") else line.subject
    return pictures.Event(
        at=line.occurred_at,
        what=line.event,
        by=line.actor,
        detail=" · ".join(filter(None, (subject, line.outcome))),
        tone=TONES[line.tone],
    )


def lot_record(lot_number: str, user: User) -> LotRecord:
    return LotRecord(lot_of(user, lot_number))


def document_of(user: User, pk: int) -> Document:
    """An issued document; a treatment site gets the certificates of its lots and nothing else."""
    documents = Document.objects.filter(order__in=orders_visible_to(user))
    if not user.holds(*FACILITY_ROLES):
        documents = documents.filter(kind=Document.Kind.CERTIFICATE_OF_ANALYSIS)
    return get_object_or_404(documents, pk=pk)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happened to the record after a person looked at it."""

    at: datetime
    actor: str
    what: str


def changes_since(lot: Lot, version: int) -> list[Change]:
    """What was changed below this room after the record had this version, in the words of the verbs."""
    events = of_the_record(AuditEvent.objects).filter(chain=lot.chain, seq__gt=version).order_by("seq")
    told: dict[tuple[str, str, str], Change] = {}
    for event in events:
        what = event.verb.partition(".")[2].replace(".", ": ").replace("_", " ")
        told.setdefault((event.request, event.actor, what), Change(at=event.at, actor=event.actor, what=what))
    return list(told.values())
