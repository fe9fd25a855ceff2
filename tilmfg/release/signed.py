"""Whether a signature under a decision about a lot still stands."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Concat, JSONObject

from tilmfg.records import signature_status
from tilmfg.records.canonical import canonical_json
from tilmfg.records.models import AuditEvent, Event, Signature
from tilmfg.records.signature_status import CHANGED_UNSEEN, ELSEWHERE, VALID, Status

from .dossier import Dossier
from .models import Disposition, Lot, TrailReview
from .selectors.dossier import MEASURED, dossier_of, lots, of_the_record
from .states import DISPOSITION, LOT, DispositionState
from .trail import KIND
from .voiding import covers

# What a decision rests on and nothing later may change. Not in it: states, which move on, the names of people and
# equipment, and what becomes of a material lot afterwards.
FACTS = ("batch", "steps", "results", "specification", "evaluation")
PASSING = frozenset({"state", "printed_name", "materials", "equipment", "reviewed_by"})


@dataclass(frozen=True, kw_only=True)
class SignedLot:
    """A lot as the kind of record it is; what a page has read of it already need not be read again."""

    model = Lot
    dossier: Dossier | None = None
    dispositions: tuple[Disposition, ...] | None = None

    def status(self, signature: Signature) -> Status:
        disposition = self._disposition(signature)
        if disposition is None or signature.content_digest != disposition.digest:
            return ELSEWHERE
        if disposition.state == DispositionState.VOID:
            return Status(disposition.void_because, disposition.voided_at)
        dossier = self.dossier or dossier_of(lots().get(pk=signature.subject_id))
        if disposition.state == DispositionState.EXECUTED:
            return _of_executed(signature, disposition, dossier)
        if disposition.changed:
            return _by(disposition.changed, "The record was changed after signing")
        return VALID if covers(disposition, dossier) else CHANGED_UNSEEN

    def _disposition(self, signature: Signature) -> Disposition | None:
        of_this = (
            signed_dispositions().filter(Q(review=signature) | Q(approval=signature))
            if self.dispositions is None
            else [one for one in self.dispositions if signature.pk in (one.review_id, one.approval_id)]
        )
        return next((one for one in of_this if one.lot_id == signature.subject_id), None)


def signed_dispositions():
    """Dispositions with the moment since when they are void, and what changed first after they were reviewed."""
    voided = Event.objects.filter(
        name="release.disposition.voided", subject_kind=DISPOSITION.kind, subject_id=OuterRef("pk")
    )
    later = AuditEvent.objects.filter(
        chain=Concat(Value("order:"), OuterRef("order_id"), output_field=TextField()),
        seq__gt=OuterRef("review__subject_version"),
    ).order_by("seq")
    who_and_when = JSONObject(actor="actor", at="at")
    return Disposition.objects.annotate(  # type: ignore[no-redef]
        voided_at=Subquery(voided.values("recorded_at")[:1]),
        changed=Subquery(of_the_record(later).values(found=who_and_when)[:1]),
        measured=Subquery(later.filter(MEASURED).values(found=who_and_when)[:1]),
    )


def _of_executed(signature: Signature, disposition: Disposition, dossier: Dossier) -> Status:
    if disposition.measured:
        return _by(disposition.measured, "Measurements were changed after signing")
    signed = json.loads(signature.content).get("dossier")
    if signed is None:
        return Status("What was signed is no record of a lot.")
    now = json.loads(canonical_json(dossier.content))
    holds = all(_holds(signed[name], now[name]) for name in FACTS)
    return VALID if holds else CHANGED_UNSEEN


def _by(change: dict, what: str) -> Status:
    return Status(f"{what}, by {change['actor']}.", datetime.fromisoformat(change["at"]))


def _holds(signed, now) -> bool:
    """All that was signed is still so; what the program has learnt to say since then is nothing that was signed."""
    if isinstance(signed, dict):
        return all(
            name in PASSING or (name in now and _holds(value, now[name])) for name, value in signed.items()
        )
    if isinstance(signed, list):
        return len(signed) == len(now) and all(map(_holds, signed, now))
    return signed == now


class SignedTrail:
    """The audit trail of a lot as the kind of record it is: void once the record went on after the review."""

    model = Lot

    def status(self, signature: Signature) -> Status:
        review = TrailReview.objects.filter(signature=signature, lot=signature.subject_id).first()
        if review is None:
            return ELSEWHERE
        later = AuditEvent.objects.filter(chain=review.chain, seq__gt=review.last_sequence).order_by("seq")
        change = of_the_record(later).values("actor", "at").first()
        if change is None:
            return VALID
        return Status(f"The record went on after this review, by {change['actor']}.", change["at"])


signature_status.register(LOT.kind, SignedLot())
signature_status.register(KIND, SignedTrail())
