"""The decision about a lot: reviewed by one person, signed by another over the same record, executed once."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.quality.workers import workers_of
from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.outbox import promise
from tilmfg.records.signatures import Credential, is_intact
from tilmfg.records.states import advance

from ..dossier import Dossier, decision_content
from ..gates import Standing, blockers_of
from ..models import Disposition, Lot
from ..selectors.dossier import dossier_of
from ..states import DISPOSITION, LOT, DispositionState
from ..voiding import covers, void
from .locking import lock

CHANGED = "The record changed after you opened this page; nothing was signed. Look at it again."
EXECUTED = {"release": "release.lot.released", "reject": "release.lot.rejected"}


class UnableToDecide(UnableTo):
    """The decision is refused; nothing is signed."""


@verb("release.review.sign", roles=(Role.QA_REVIEWER,))
def sign_review(
    *, lot: Lot, decision: str, seen_digest: str, credential: Credential, reason: str, by: User
) -> Disposition:
    """The reviewer states that the record is complete and correct, and proposes the decision."""
    require(
        decision in EXECUTED,
        UnableToDecide(f"Decision must be one of {', '.join(EXECUTED)}, got {decision!r}.", field="decision"),
    )
    lot = lock(lot)
    dossier = dossier_of(lot)
    require(seen_digest == dossier.digest, ChangedMeanwhile(CHANGED))
    _require_open_gates(lot, dossier, decision)
    _clear_the_way(lot, dossier, by=by)
    signature = sign(
        subject=lot,
        kind=LOT.kind,
        version=dossier.record_version,
        content=decision_content(dossier, decision),
        meaning=Signature.Meaning.REVIEWED,
        reason=reason,
        credential=credential,
        parts={"worker": workers_of(lot.order_id)},
        by=by,
    )
    disposition = Disposition.objects.create(
        order=lot.order, lot=lot, decision=decision, digest=signature.content_digest, review=signature
    )
    publish(
        "release.disposition.reviewed",
        subject=disposition,
        kind=DISPOSITION.kind,
        by=by,
        to_state=disposition.state,
        details={"decision": decision},
    )
    return disposition


@verb("release.disposition.sign", roles=(Role.QA_APPROVER,))
def sign_disposition(
    *, disposition: Disposition, seen_digest: str, credential: Credential, reason: str, by: User
) -> Disposition:
    """The approver decides, over the same record as the reviewer; the program executes it after the commit."""
    lot = lock(disposition.lot)
    disposition = _fresh(disposition)
    require(
        disposition.state == DispositionState.REVIEWED,
        ChangedMeanwhile(f"This decision is already {DispositionState(disposition.state).label.lower()}."),
    )
    dossier = dossier_of(lot)
    require(seen_digest == dossier.digest, ChangedMeanwhile(CHANGED))
    require(
        covers(disposition, dossier),
        ChangedMeanwhile(
            f"The record changed after {disposition.review.printed_name} reviewed it; it is reviewed again first."
        ),
    )
    _require_open_gates(lot, dossier, disposition.decision)
    signature = sign(
        subject=lot,
        kind=LOT.kind,
        version=dossier.record_version,
        content=decision_content(dossier, disposition.decision),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"worker": workers_of(lot.order_id)},
        earlier=(disposition.review,),
        by=by,
    )
    advance(
        disposition,
        machine=DISPOSITION,
        event="release.disposition.signed",
        by=by,
        moved={"approval": signature},
    )
    promise("release.execute", key=disposition.pk, disposition_id=disposition.pk)
    return disposition


@verb("release.review.return", roles=(Role.QA_REVIEWER, Role.QA_APPROVER))
def return_review(*, disposition: Disposition, reason: str, by: User) -> Disposition:
    """The approver, or the reviewer thinking better of it, gives the lot back for another review."""
    require(reason.strip(), UnableToDecide("State why the review is returned.", field="reason"))
    lock(disposition.lot)
    disposition = _fresh(disposition)
    require(
        disposition.state == DispositionState.REVIEWED,
        ChangedMeanwhile(f"This decision is already {DispositionState(disposition.state).label.lower()}."),
    )
    void(disposition, because=f"Returned by {by.printed_name}: {reason.strip()}", by=by)
    return disposition


@verb("release.disposition.execute", service=True)
def execute_disposition(*, disposition: Disposition, by: User) -> Disposition:
    """Carry out what was signed, or void it and say why: every gate again, on fresh rows, in one transaction."""
    lock(disposition.lot)
    disposition = _fresh(disposition)
    if disposition.state != DispositionState.SIGNED:
        return disposition
    # From this event on, whoever else writes to the order's chain waits for this transaction to end.
    publish("release.execution.begun", subject=disposition, kind=DISPOSITION.kind, by=by)
    lot = lock(disposition.lot)
    objections = _objections(lot, disposition)
    if objections:
        void(disposition, because="Not executed. " + " ".join(objections), by=by)
        return disposition
    advance(disposition, machine=DISPOSITION, event="release.disposition.executed", by=by)
    advance(lot, machine=LOT, event=EXECUTED[disposition.decision], by=by)
    for document in ("release.issue_certificate", "release.issue_report"):
        promise(document, key=disposition.pk, disposition_id=disposition.pk)
    return disposition


def _objections(lot: Lot, disposition: Disposition) -> list[str]:
    """Why a signed decision must not be carried out, in sentences; none if it must."""
    dossier = dossier_of(lot)
    if disposition.approval is None:
        return ["Nobody has approved it."]
    signatures = (disposition.review, disposition.approval)
    objections = []
    if not covers(disposition, dossier):
        objections.append("The record changed after it was signed.")
    if any(
        not is_intact(signature) or signature.content_digest != disposition.digest for signature in signatures
    ):
        objections.append("A signature does not belong to this decision.")
    if len({signature.signer_id for signature in signatures}) < len(signatures):
        objections.append("Both signatures are of the same person.")
    if workers_of(lot.order_id) & {signature.signer_id for signature in signatures}:
        objections.append("A signer worked on this lot.")
    blockers = blockers_of(standing_of(lot, dossier), decision=disposition.decision)
    return objections + [blocker.sentence for blocker in blockers]


def standing_of(lot: Lot, dossier: Dossier) -> Standing:
    latest = lot.evaluations.order_by("-pk").values_list("digest", flat=True).first()
    return Standing(
        dossier=dossier,
        lot_state=lot.state,
        evaluated=latest,
        trail_reviewed_to=lot.trail_reviewed_to,
        today=facility_today(),
    )


def _fresh(disposition: Disposition) -> Disposition:
    return Disposition.objects.select_related("lot__order", "review__signer", "approval__signer").get(
        pk=disposition.pk
    )


def _require_open_gates(lot: Lot, dossier: Dossier, decision: str) -> None:
    blockers = blockers_of(standing_of(lot, dossier), decision=decision)
    if blockers:
        raise UnableToDecide(
            f"Not possible to {decision}: " + " ".join(blocker.sentence for blocker in blockers),
            field="decision",
        )


def _clear_the_way(lot: Lot, dossier: Dossier, *, by: User) -> None:
    """A review that stands keeps others out; one that the record has overtaken does not."""
    earlier = lot.dispositions.exclude(state=DispositionState.VOID).select_related("review").first()
    if earlier is None:
        return
    require(
        earlier.state == DispositionState.REVIEWED and not covers(earlier, dossier),
        ChangedMeanwhile(
            f"{earlier.review.printed_name} has signed the review already: {earlier.get_decision_display()}."
        ),
    )
    void(earlier, because="The record changed after the review.", by=by)
