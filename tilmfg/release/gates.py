"""What stands between a lot and its decision: pure, one gate for each rule, each saying who lifts it and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .dossier import Dossier
from .rules import Outcome

LABORATORY = "A laboratory analyst, then a second one who reviews"
QA = "A QA reviewer or QA approver"
FLOOR = "A manufacturing technician"
NOBODY = "Nobody: the lot cannot be released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing that holds the lot up; `on` is the day on which it can be lifted, if that is known."""

    sentence: str
    who: str
    on: date | None = None
    is_failure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    code: str
    title: str
    blockers: tuple[Blocker, ...]

    @property
    def is_open(self) -> bool:
        return not self.blockers


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The dossier and what lies outside it: where the lot stands, what Celery evaluated last, the day."""

    dossier: Dossier
    lot_state: str
    evaluated: str | None  # digest of the stored evaluation
    trail_reviewed_to: int | None  # sequence of the last event of the last review of the audit trail
    today: date


Check = Callable[[Standing], Iterator[Blocker]]
_gates: list[tuple[str, str, bool, Check]] = []


def gate(title: str, *, for_rejection: bool = False):
    def register(check: Check) -> Check:
        _gates.append((check.__name__, title, for_rejection, check))
        return check

    return register


def gates_of(standing: Standing, *, decision: str = "release") -> tuple[Gate, ...]:
    """Every gate of this decision; a rejection needs only that the lot is up for one."""
    return tuple(
        Gate(code=code, title=title, blockers=tuple(check(standing)))
        for code, title, for_rejection, check in _gates
        if for_rejection or decision != "reject"
    )


def blockers_of(standing: Standing, *, decision: str = "release") -> tuple[Blocker, ...]:
    return tuple(blocker for gate in gates_of(standing, decision=decision) for blocker in gate.blockers)


# ── The gates ────────────────────────────────────────────────────────────────────────────────────


@gate("The order is not stopped")
def order(standing: Standing) -> Iterator[Blocker]:
    state = standing.dossier.order.state
    if state == "stopped":
        yield Blocker(
            sentence="The order is stopped: a label did not belong to it.", who=NOBODY, is_failure=True
        )
    elif state != "received":
        yield Blocker(sentence=f"The tumor has not been received; the order is {state}.", who=FLOOR)


@gate("Every scan matched")
def scans(standing: Standing) -> Iterator[Blocker]:
    for scan in standing.dossier.scans:
        if not scan.matches:
            sentence = f"A scan for {scan.purpose.replace('_', ' ')} did not match."
            yield Blocker(sentence=sentence, who=NOBODY, is_failure=True)


@gate("The batch is harvested")
def batch(standing: Standing) -> Iterator[Blocker]:
    if standing.dossier.batch is None:
        yield Blocker(sentence="The batch has not been started.", who=FLOOR)
    elif standing.dossier.batch.state == "terminated":
        yield Blocker(sentence="The batch was terminated.", who=NOBODY, is_failure=True)
    elif standing.dossier.batch.state != "harvested":
        yield Blocker(sentence="The batch has not been harvested.", who=FLOOR)


@gate("Every step is verified")
def steps(standing: Standing) -> Iterator[Blocker]:
    for step in standing.dossier.steps:
        if step.state != "verified":
            who = f"A technician other than {step.performed_by.printed_name}"
            yield Blocker(sentence=f"Step “{step.name}” waits for its verification.", who=who)


@gate("Materials were fit for use")
def materials(standing: Standing) -> Iterator[Blocker]:
    for step in standing.dossier.steps:
        for material in step.materials:
            if material.status != "released":
                sentence = f"{material.name}, lot {material.lot_number}, is {material.status}."
                yield Blocker(sentence=sentence, who=QA, is_failure=True)


@gate("Every criterion passes")
def criteria(standing: Standing) -> Iterator[Blocker]:
    dossier = standing.dossier
    if dossier.specification is None or dossier.evaluation is None:
        sentence = f"No approved specification for {dossier.order.indication} is effective."
        yield Blocker(sentence=sentence, who="A QA approver")
        return
    lines = list(zip(dossier.specification.criteria, dossier.evaluation.outcomes, strict=True))
    for criterion, outcome in lines:
        if outcome.outcome is Outcome.FAIL:
            who = "A QA approver: this lot can only be rejected"
            yield Blocker(sentence=f"{criterion.label} fails: {outcome.why}", who=who, is_failure=True)
    missing = [line for line in lines if line[1].outcome is Outcome.MISSING]
    if dossier.batch is not None and dossier.batch.harvest_date:
        for criterion, outcome in missing:
            due = dossier.batch.harvest_date + timedelta(days=criterion.days_after_harvest)
            sentence = f"{criterion.label} is missing: {outcome.why}"
            yield Blocker(sentence=sentence, who=LABORATORY, on=due)
    elif missing:
        days = max(criterion.days_after_harvest for criterion, _ in missing)
        on = None if dossier.batch is None else dossier.batch.planned_harvest_date + timedelta(days=days)
        sentence = f"{len(missing)} of {len(lines)} results come after the harvest."
        yield Blocker(sentence=sentence, who=LABORATORY, on=on)


@gate("The evaluation is up to date")
def evaluation(standing: Standing) -> Iterator[Blocker]:
    wanted = standing.dossier.evaluation_digest
    if wanted is not None and standing.evaluated != wanted and standing.lot_state != "expanding":
        yield Blocker(sentence="The latest results are being evaluated.", who="The program, within seconds")


@gate("Every deviation is closed")
def deviations(standing: Standing) -> Iterator[Blocker]:
    for deviation in standing.dossier.deviations:
        if deviation.state != "closed":
            yield Blocker(sentence=f"Deviation {deviation.number} is open: {deviation.title}", who=QA)


@gate("No product bag has expired")
def product(standing: Standing) -> Iterator[Blocker]:
    bags = standing.dossier.bags
    if not bags and standing.dossier.batch and standing.dossier.batch.state == "harvested":
        yield Blocker(sentence="There is no product bag.", who=NOBODY, is_failure=True)
    for bag in bags:
        if bag.expiry_date is None:
            yield Blocker(sentence=f"Bag {bag.code} has no expiry date.", who=FLOOR)
        elif bag.expiry_date < standing.today:
            sentence = f"Bag {bag.code} expired on {bag.expiry_date:%d %b %Y}."
            yield Blocker(sentence=sentence, who=NOBODY, is_failure=True)


@gate("Every label is accounted for")
def labels(standing: Standing) -> Iterator[Blocker]:
    for container in standing.dossier.containers:
        left = sum(label.state == "printed" for label in container.labels)
        if left:
            noun = "label of" if left == 1 else "labels of"
            sentence = f"{left} printed {noun} {container.code} neither applied nor destroyed."
            yield Blocker(sentence=sentence, who="A technician or identity administrator")


@gate("The audit trail is reviewed")
def trail(standing: Standing) -> Iterator[Blocker]:
    """Asked once the lot waits for QA. What release writes itself, and signatures, need no second review."""
    if standing.lot_state != "qa_review":
        return
    who = "A QA reviewer who did not work on this lot"
    if standing.trail_reviewed_to is None:
        yield Blocker(sentence="The audit trail has not been reviewed.", who=who)
    elif standing.trail_reviewed_to < standing.dossier.record_version:
        yield Blocker(sentence="The record changed after its audit trail was reviewed.", who=who)


@gate("The lot waits for QA", for_rejection=True)
def lot(standing: Standing) -> Iterator[Blocker]:
    if standing.lot_state in ("expanding", "in_testing"):
        yield Blocker(sentence="Testing is not complete.", who=LABORATORY)
    elif standing.lot_state != "qa_review":
        sentence = f"The lot is {standing.lot_state.replace('_', ' ')}: it was decided before."
        yield Blocker(sentence=sentence, who="Nobody")


# ── When ─────────────────────────────────────────────────────────────────────────────────────────


def ready_on(standing: Standing) -> date | None:
    """The first day on which the lot can be released if all goes well; None if it cannot, or not as known now."""
    dossier = standing.dossier
    if any(blocker.is_failure for blocker in blockers_of(standing)):
        return None
    if dossier.batch is None or dossier.specification is None or dossier.evaluation is None:
        return None
    harvest = dossier.batch.harvest_date or max(dossier.batch.planned_harvest_date, standing.today)
    lines = zip(dossier.specification.criteria, dossier.evaluation.outcomes, strict=True)
    due = [
        harvest + timedelta(days=criterion.days_after_harvest)
        for criterion, outcome in lines
        if outcome.outcome is Outcome.MISSING
    ]
    return max([standing.today, *due])
