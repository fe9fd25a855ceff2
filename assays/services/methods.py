"""A method is drafted by the laboratory, approved by QA with a signature, frozen from then on, withdrawn by QA."""

import re

from django.db.models import Max

from assays.models import Method
from assays.rules.methods import UnableToReadMethod, read_method
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.training import asks_for
from tilmfg.accounts.verbs import verb
from tilmfg.records.canonical import digest
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Event, Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential

KIND = "assays.method"
WITHDRAWAL = "assays.method_withdrawal"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
LONGEST_CODE = 40
WRITTEN = ("assays.method.drafted", "assays.method.edited")


class UnableToDraft(UnableTo):
    """The content is no method, or this is no draft any more."""


class UnableToApprove(UnableTo):
    """The version is no draft, or a later one is approved."""


class UnableToWithdraw(UnableTo):
    """The version is not in force."""


@verb("assays.method.draft", roles=(Role.ANALYST, Role.QA_APPROVER))
def draft_method(*, code: str, name: str, kind: str, content: dict, by: User) -> Method:
    """The next version of the method `code`."""
    require(
        CODE.match(code) and len(code) <= LONGEST_CODE,
        UnableToDraft(
            f"“{code}” is no code; allowed: up to {LONGEST_CODE} lower-case letters and digits with single "
            "dashes between them.",
            field="code",
        ),
    )
    require(
        kind in Method.Kind.values,
        UnableToDraft(
            f"“{kind}” is no kind of method; allowed: {', '.join(Method.Kind.values)}.", field="kind"
        ),
    )
    require_readable(kind, content)
    kinds = set(Method.objects.filter(code=code).values_list("kind", flat=True))
    require(
        kinds <= {kind},
        UnableToDraft(f"“{code}” is the code of another kind of method; choose another one.", field="code"),
    )
    latest = Method.objects.filter(code=code).aggregate(latest=Max("version"))["latest"] or 0
    method = Method.objects.create(
        code=code, version=latest + 1, name=name, kind=kind, content=content, digest=digest(content)
    )
    publish("assays.method.drafted", subject=method, kind=KIND, by=by)
    return method


@verb("assays.method.edit", roles=(Role.ANALYST, Role.QA_APPROVER))
def edit_method(*, method: Method, name: str, content: dict, seen: str, by: User) -> Method:
    """A draft says something else from now on. `seen` is the digest of what was edited."""
    method = Method.objects.select_for_update().get(pk=method.pk)
    require_draft(method, UnableToDraft)
    require_as_seen(method, seen)
    require_readable(method.kind, content)
    method.name, method.content, method.digest = name, content, digest(content)
    method.save(update_fields=["name", "content", "digest"])
    publish("assays.method.edited", subject=method, kind=KIND, by=by, details={"digest": method.digest})
    return method


@verb("assays.method.discard", roles=(Role.ANALYST, Role.QA_APPROVER))
def discard_method(*, method: Method, reason: str, by: User) -> Method:
    """The draft is given up; it stays on record with its number."""
    method = Method.objects.select_for_update().get(pk=method.pk)
    require_draft(method, UnableToDraft)
    method.discarded = reason.strip()
    method.save(update_fields=["discarded"])
    publish("assays.method.discarded", subject=method, kind=KIND, by=by, details={"because": reason})
    return method


@signed_row(KIND, model=Method, moves=("approval_id", "withdrawal_id"))
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


@signed_row(WITHDRAWAL, model=Method, moves=("withdrawal_id",))
def shown_of_withdrawal(method: Method) -> dict:
    """What is signed when a version is withdrawn."""
    return {"withdrawn": shown_of(method), "approval": method.approval_id}


@verb("assays.method.approve", roles=(Role.QA_APPROVER,))
def approve_method(*, method: Method, seen: str, credential: Credential, reason: str, by: User) -> Method:
    """From now on this version is in force and an earlier one is not. `seen` is the digest of what was shown."""
    method = Method.objects.select_for_update().get(pk=method.pk)
    require(method.approval_id is None, UnableToApprove(f"{method} is approved already."))
    require_draft(method, UnableToApprove)
    require_as_seen(method, seen)
    require_readable(method.kind, method.content)
    later = Method.objects.filter(code=method.code, version__gt=method.version, approval__isnull=False)
    require(not later.exists(), UnableToApprove(f"A later version of {method.name} is approved already."))
    method.approval = sign(
        subject=method,
        kind=KIND,
        content=shown_of(method),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"author": authors_of(method)},
        by=by,
    )
    method.save(update_fields=["approval"])
    publish("assays.method.approved", subject=method, kind=KIND, by=by)
    return method


@verb("assays.method.withdraw", roles=(Role.QA_APPROVER,))
def withdraw_method(*, method: Method, seen: str, credential: Credential, reason: str, by: User) -> Method:
    """From now on nothing is measured by it; no earlier version comes back. What was measured stands."""
    method = Method.objects.select_for_update().get(pk=method.pk)
    require(method.withdrawal_id is None, UnableToWithdraw(f"{method} is withdrawn already."))
    require(method.approval_id, UnableToWithdraw(f"{method} was never approved; a draft is discarded."))
    later = Method.objects.filter(code=method.code, version__gt=method.version, approval__isnull=False)
    require(not later.exists(), UnableToWithdraw(f"A later version took the place of {method} already."))
    require_as_seen(method, seen)
    method.withdrawal = sign(
        subject=method,
        kind=WITHDRAWAL,
        content=shown_of_withdrawal(method),
        meaning=Signature.Meaning.REJECTED,
        reason=reason,
        credential=credential,
        parts={},
        by=by,
    )
    method.save(update_fields=["withdrawal"])
    publish("assays.method.withdrawn", subject=method, kind=KIND, by=by, details={"because": reason})
    return method


def require_readable(kind: str, content: dict) -> None:
    try:
        read_method(kind, content)
    except UnableToReadMethod as refusal:
        raise UnableToDraft(str(refusal), field="content") from refusal


def require_draft(method: Method, refusal: type[UnableTo]) -> None:
    what = "discarded" if method.discarded else "approved and frozen; draft a new version"
    require(method.is_draft, refusal(f"{method} is {what}."))


def require_as_seen(method: Method, seen: str) -> None:
    require(
        seen_of(method) == seen,
        ChangedMeanwhile(f"{method} was changed while you looked at it; look again."),
    )


def seen_of(method: Method) -> str:
    """The digest of everything that a page shows of a version."""
    return digest(shown_of(method))


def authors_of(method: Method) -> set[int]:
    """Who drafted or edited it."""
    written = Event.objects.filter(name__in=WRITTEN, subject_kind=KIND, subject_id=method.pk)
    return set(written.values_list("actor_id", flat=True))


@asks_for
def method_qualifications() -> list[str]:
    """Before a version is approved people are trained for it."""
    methods = Method.objects.filter(discarded="")
    return sorted({code for method in methods for code in method.qualifications})
