"""The one way to a signature: what the plan of the record asks of the signer, then the signature itself."""

from collections.abc import Collection, Mapping

from django.db.models import Model

from tilmfg.records import signatures
from tilmfg.records.errors import NotAuthorised, require
from tilmfg.records.models import Signature
from tilmfg.records.signatures import Credential, UnableToSign

from .models import User
from .plans import PARTS, PLANS, Plan, Step
from .roles import Role, signing_code
from .standing import lack_of_standing
from .training import acknowledgement_of, lack_of, require_qualified


class StatementNotAcknowledged(UnableToSign):
    """Nobody signs before they have acknowledged what a signature binds them to."""

    page, page_name = "statement", "Read and acknowledge the accountability statement"

    def __init__(self) -> None:
        super().__init__(
            "You have not acknowledged the accountability statement that is in force; nothing was signed."
        )


def sign(
    *,
    subject: Model,
    kind: str,
    content: object,
    meaning: Signature.Meaning,
    reason: str,
    credential: Credential,
    parts: Mapping[str, Collection[int | None]],
    earlier: tuple[Signature, ...] = (),
    qualifications: tuple[str, ...] = (),
    version: int | None = None,
    by: User,
) -> Signature:
    """`parts` says who (by key) had which part in the record, `earlier` which steps of the plan are signed already.

    `qualifications` are those that the record asks for beside the one for signing in the role.
    """
    step = _require_step(PLANS[kind], meaning, earlier=earlier, by=by)
    _require_stranger(PLANS[kind], parts=parts, by=by)
    role = next(role for role in step.roles if by.holds(role))
    require_qualified(by, signing_code(role), *qualifications)
    require(acknowledgement_of(by), StatementNotAcknowledged())
    lack = lack_of_standing(by)
    require(not lack, UnableToSign(lack))
    return signatures.sign(
        subject=subject,
        kind=kind,
        content=content,
        meaning=meaning,
        reason=reason,
        credential=credential,
        version=version,
        by=by,
    )


def why_not(
    kind: str,
    *,
    parts: Mapping[str, Collection[int | None]],
    qualifications: tuple[str, ...] = (),
    by: User,
) -> str:
    """Why a person with a role of the plan may not sign such a record, in a sentence, before anything is typed."""
    plan = PLANS[kind]
    signing = [signing_code(role) for step in plan.steps for role in step.roles if by.holds(role)]
    return next((PARTS[part] for part in plan.barred if by.pk in parts[part]), "") or (
        lack_of(by, *signing[:1], *qualifications) or lack_of_standing(by) if signing else ""
    )


def _require_step(plan: Plan, meaning: str, *, earlier: tuple[Signature, ...], by: User) -> Step:
    require(len(earlier) < len(plan.steps), NotAuthorised("All signatures of this record are given."))
    step = plan.steps[len(earlier)]
    if meaning not in step.meanings:
        raise ValueError(f"The plan asks for {step.meanings} here, not for {meaning}.")
    who = " or ".join(Role(role).label for role in step.roles)
    require(by.holds(*step.roles), NotAuthorised(f"This is signed by: {who}."))
    require(
        by.pk not in {signature.signer_id for signature in earlier},
        NotAuthorised("You gave the signature before this one; another person decides."),
    )
    return step


def _require_stranger(plan: Plan, *, parts: Mapping[str, Collection[int | None]], by: User) -> None:
    for part in plan.barred:
        require(by.pk not in parts[part], NotAuthorised(PARTS[part]))
