"""Open and close deviations."""

from collections.abc import Collection

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.numbering import next_serial
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential
from tilmfg.records.states import advance

from ..models import Deviation, Investigation
from ..states import DEVIATION, UNCONCLUDED, DeviationState
from ..workers import workers_of

# Whoever works on records may say that something went wrong; auditors only read.
OPENERS = (
    Role.TECHNICIAN,
    Role.ANALYST,
    Role.QA_REVIEWER,
    Role.QA_APPROVER,
    Role.IDENTITY_ADMINISTRATOR,
    Role.SITE,
)
CLOSERS = (Role.QA_REVIEWER, Role.QA_APPROVER)


class UnableToOpenDeviation(UnableTo):
    """The deviation is not on record."""


class UnableToCloseDeviation(UnableTo):
    """The deviation stays open."""


@verb("quality.deviation.open", roles=OPENERS, service=True)
def open_deviation(
    *,
    chain: str,
    subject_kind: str,
    subject_id: int,
    kind: str,
    title: str,
    description: str,
    by: User,
    classification: str = "",
) -> Deviation:
    require_choice("kind", kind, Deviation.Kind, refusal=UnableToOpenDeviation)
    if classification:
        require_choice(
            "classification", classification, Deviation.Classification, refusal=UnableToOpenDeviation
        )
    require(title.strip(), UnableToOpenDeviation("Name the deviation in a few words.", field="title"))
    require(description.strip(), UnableToOpenDeviation("Describe what happened.", field="description"))
    prefix = f"DEV-{timezone.now().year}-"
    deviation = Deviation.objects.create(
        number=f"{prefix}{next_serial(Deviation, 'number', prefix):04}",
        chain=chain,
        subject_kind=subject_kind,
        subject_id=subject_id,
        kind=kind,
        title=title.strip(),
        description=description.strip(),
        classification=classification,
        opened_by=by,
    )
    publish(
        "quality.deviation.opened",
        subject=deviation,
        kind=DEVIATION.kind,
        by=by,
        to_state=deviation.state,
        details={"number": deviation.number, "kind": kind, "title": deviation.title},
    )
    return deviation


@verb("quality.deviation.close", roles=CLOSERS)
def close_deviation(
    *, deviation: Deviation, classification: str, impact: str, credential: Credential, reason: str, by: User
) -> Deviation:
    """Closing concludes the investigation; what the deviation stopped stays stopped."""
    deviation.refresh_from_db(from_queryset=Deviation.objects.select_for_update(no_key=True))
    require(
        deviation.state == DeviationState.OPEN,
        UnableToCloseDeviation(f"{deviation.number} is closed already."),
    )
    require(
        not Investigation.objects.filter(deviation=deviation, state__in=UNCONCLUDED).exists(),
        UnableToCloseDeviation(f"The result of {deviation.number} is still being investigated."),
    )
    require_choice("classification", classification, Deviation.Classification, refusal=UnableToCloseDeviation)
    require(
        impact.strip(),
        UnableToCloseDeviation("State the impact on the product and the patient.", field="impact"),
    )
    deviation.classification, deviation.impact = classification, impact.strip()
    deviation.save(update_fields=["classification", "impact"])
    deviation.closure = sign(
        subject=deviation,
        kind=DEVIATION.kind,
        content=closure_content(deviation),
        meaning=Signature.Meaning.CLOSED,
        reason=reason,
        credential=credential,
        parts=parts_in_closing(deviation),
        by=by,
    )
    deviation.save(update_fields=["closure"])
    advance(
        deviation,
        machine=DEVIATION,
        event="quality.deviation.closed",
        by=by,
        details={"number": deviation.number, "classification": classification, "reason": reason.strip()},
    )
    return deviation


@signed_row(DEVIATION.kind, model=Deviation, moves=("state", "closure_id"))
def closure_content(deviation: Deviation) -> dict:
    """What the closing signature covers."""
    return {
        "number": deviation.number,
        "chain": deviation.chain,
        "subject": [deviation.subject_kind, deviation.subject_id],
        "kind": deviation.kind,
        "title": deviation.title,
        "description": deviation.description,
        "classification": deviation.classification,
        "impact": deviation.impact,
    }


def parts_in_closing(deviation: Deviation) -> dict[str, Collection[int | None]]:
    """Who opened it, or worked on the lot that it is of, does not close it."""
    word, _, key = deviation.chain.partition(":")
    return {"opener": {deviation.opened_by_id}, "worker": workers_of(int(key)) if word == "order" else ()}


def require_choice(field: str, value: str, choices, *, refusal: type[UnableTo]) -> None:
    allowed = ", ".join(choices.values)
    require(
        value in choices.values,
        refusal(f"“{value}” is no {field} of a deviation; it can be {allowed}.", field=field),
    )
