"""What a lot must fulfil, drafted and approved; approved, a version is frozen."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Max

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.canonical import digest
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential

from .. import rules
from ..models import Specification

KIND = "release.specification"


class UnableToSpecify(UnableTo):
    """The specification is refused."""


@verb("release.specification.draft", roles=(Role.QA_REVIEWER, Role.QA_APPROVER), service=True)
def draft_specification(
    *, code: str, name: str, indication: str, effective_from_date: date, content: Mapping, by: User
) -> Specification:
    """The next version of `code`; it counts once it is approved and its day has come."""
    known = TherapyOrder.Indication.values
    require(
        indication in known,
        UnableToSpecify(
            f"Indication must be one of {', '.join(known)}, got {indication!r}.", field="indication"
        ),
    )
    try:
        rules.parse(content)
    except rules.UnableToRead as fault:
        raise UnableToSpecify(str(fault), field="content") from None
    latest = Specification.objects.filter(code=code).aggregate(version=Max("version"))["version"] or 0
    return Specification.objects.create(
        code=code,
        version=latest + 1,
        name=name,
        indication=indication,
        effective_from_date=effective_from_date,
        content=content,
        digest=digest(content),
        drafted_by=by,
    )


@verb("release.specification.approve", roles=(Role.QA_APPROVER,))
def approve_specification(
    *, specification: Specification, credential: Credential, reason: str, by: User
) -> Specification:
    require(specification.approval_id is None, UnableToSpecify(f"{specification} is approved already."))
    specification.approval = sign(
        subject=specification,
        kind=KIND,
        content=approved_content(specification),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"author": {specification.drafted_by_id}},
        by=by,
    )
    specification.save(update_fields=["approval"])
    return specification


@signed_row(KIND, model=Specification, moves=("approval_id",))
def approved_content(specification: Specification) -> dict:
    """What the approving signature covers."""
    return {
        "code": specification.code,
        "version": specification.version,
        "name": specification.name,
        "indication": specification.indication,
        "effective_from_date": specification.effective_from_date,
        "content": specification.content,
    }
