"""The audit trail of a lot is reviewed, by exception and as a whole, before the lot can be released."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.quality.workers import workers_of
from tilmfg.records.canonical import digest
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.signatures import Credential

from ..models import Lot, TrailReview
from ..selectors.trail import trail_of
from ..states import LotState
from ..trail import KIND
from .locking import lock

CHANGED = "The record changed after you opened this page; nothing was signed. Look at its trail again."


class UnableToReviewTrail(UnableTo):
    """The review is refused; nothing is signed."""


@verb("release.trail.review", roles=(Role.QA_REVIEWER,))
def review_trail(
    *, lot: Lot, seen_sequence: int, seen_digest: str, credential: Credential, reason: str, by: User
) -> TrailReview:
    """Every exception in the trail, up to the last event that the page showed, is explained."""
    lot = lock(lot)
    require(
        lot.state == LotState.QA_REVIEW,
        UnableToReviewTrail(
            f"The lot is {LotState(lot.state).label.lower()}; its trail is reviewed while it waits for QA."
        ),
    )
    trail = trail_of(lot, up_to=seen_sequence)
    require(
        trail.broken_at is None,
        UnableToReviewTrail(
            f"The audit trail is broken at no. {trail.broken_at}: call the system administrator."
        ),
    )
    require(
        digest(trail.content) == seen_digest and lot.record_version <= seen_sequence,
        ChangedMeanwhile(CHANGED),
    )
    signature = sign(
        subject=lot,
        kind=KIND,
        version=seen_sequence,
        content=trail.content,
        meaning=Signature.Meaning.TRAIL_REVIEWED,
        reason=reason,
        credential=credential,
        parts={"worker": workers_of(lot.order_id)},
        by=by,
    )
    review = TrailReview.objects.create(
        order=lot.order,
        lot=lot,
        last_sequence=trail.last_sequence,
        last_hash=trail.last_hash,
        events=trail.events,
        noticed=trail.noticed_count,
        signature=signature,
    )
    publish(
        "release.trail.reviewed",
        subject=review,
        kind="release.trail_review",
        by=by,
        details={"events": review.events, "noticed": review.noticed},
    )
    return review
