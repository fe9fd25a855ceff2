"""A method is drafted by the laboratory, approved by QA with a signature, and frozen from then on."""

from django.db.models import Max

from assays.models import Method
from assays.rules.methods import UnableToReadMethod, read_method
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.training import asks_for
from tilmfg.accounts.verbs import verb
from tilmfg.records.canonical import digest
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Event, Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential

KIND = "assays.method"


class UnableToDraft(UnableTo):
    """The content is no method."""


class UnableToApprove(UnableTo):
    """The method is approved already, or a later version is."""


@verb("assays.method.draft", roles=(Role.ANALYST, Role.QA_APPROVER))
def draft_method(*, code: str, name: str, kind: str, content: dict, by: User) -> Method:
    """The next version of the method `code`."""
    require(
        kind in Method.Kind.values,
        UnableToDraft(
            f"“{kind}” is no kind of method; allowed: {', '.join(Method.Kind.values)}.", field="kind"
        ),
    )
    try:
        read_method(kind, content)
    except UnableToReadMethod as refusal:
        raise UnableToDraft(str(refusal), field="content") from refusal
    latest = Method.objects.filter(code=code).aggregate(latest=Max("version"))["latest"] or 0
    method = Method.objects.create(
        code=code, version=latest + 1, name=name, kind=kind, content=content, digest=digest(content)
    )
    publish("assays.method.drafted", subject=method, kind=KIND, by=by)
    return method


@signed_row(KIND, model=Method, moves=("approval_id",))
def shown_of(method: Method) -> dict:
    """What an approver signs."""
    return {
        "code": method.code,
        "version": method.version,
        "name": method.name,
        "kind": method.kind,
        "content": method.content,
        "digest": method.digest,
    }


@verb("assays.method.approve", roles=(Role.QA_APPROVER,))
def approve_method(*, method: Method, credential: Credential, reason: str, by: User) -> Method:
    """From now on this version is in force and an earlier one is not."""
    method = Method.objects.select_for_update().get(pk=method.pk)
    require(method.approval_id is None, UnableToApprove(f"{method} is approved already."))
    later = Method.objects.filter(code=method.code, version__gt=method.version, approval__isnull=False)
    require(not later.exists(), UnableToApprove(f"A later version of {method.name} is approved already."))
    method.approval = sign(
        subject=method,
        kind=KIND,
        content=shown_of(method),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"author": _authors(method)},
        by=by,
    )
    method.save(update_fields=["approval"])
    publish("assays.method.approved", subject=method, kind=KIND, by=by)
    return method


def _authors(method: Method) -> set[int]:
    drafted = Event.objects.filter(name="assays.method.drafted", subject_kind=KIND, subject_id=method.pk)
    return set(drafted.values_list("actor_id", flat=True))


@asks_for
def method_qualifications() -> list[str]:
    """Before a version is approved people are trained for it."""
    return [method.qualification for method in Method.objects.defer("content")]
