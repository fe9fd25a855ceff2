"""Draft and approve versions of a process."""

from collections.abc import Mapping

from django.db.models import Max

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.training import asks_for
from tilmfg.accounts.verbs import verb
from tilmfg.records.canonical import digest
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential

from ..models import ProcessDefinition
from ..rules import DefinitionIsInvalid, Process

KIND = "batches.definition"


class UnableToDraft(UnableTo):
    """The content is no process."""


class UnableToApprove(UnableTo):
    """The version stays a draft."""


@verb("batches.definition.draft", roles=(Role.QA_REVIEWER, Role.QA_APPROVER))
def draft_definition(*, code: str, name: str, content: Mapping, by: User) -> ProcessDefinition:
    """The next version of the process `code`."""
    require(code.strip(), UnableToDraft("Give the process a code.", field="code"))
    require(name.strip(), UnableToDraft("Give the process a name.", field="name"))
    try:
        Process.parse(content)
    except DefinitionIsInvalid as fault:
        raise UnableToDraft(str(fault), field="content") from None
    latest = ProcessDefinition.objects.filter(code=code.strip()).aggregate(version=Max("version"))["version"]
    definition = ProcessDefinition.objects.create(
        code=code.strip(),
        version=(latest or 0) + 1,
        name=name.strip(),
        content=content,
        digest=digest(content),
        drafted_by=by,
    )
    publish("batches.definition.drafted", subject=definition, kind=KIND, by=by)
    return definition


@verb("batches.definition.approve", roles=(Role.QA_APPROVER,))
def approve_definition(
    *, definition: ProcessDefinition, credential: Credential, reason: str, by: User
) -> ProcessDefinition:
    """From now on batches may be begun by this version, and it never changes."""
    definition = ProcessDefinition.objects.select_for_update(of=("self",)).get(pk=definition.pk)
    require(definition.approval_id is None, UnableToApprove(f"{definition} is approved already."))
    require(
        definition.digest == digest(definition.content),
        UnableToApprove("The content is not the one that was drafted; draft it again."),
    )
    definition.approval = sign(
        subject=definition,
        kind=KIND,
        content=approved_content(definition),
        meaning=Signature.Meaning.APPROVED,
        reason=reason,
        credential=credential,
        parts={"author": {definition.drafted_by_id}},
        by=by,
    )
    definition.save(update_fields=["approval"])
    publish("batches.definition.approved", subject=definition, kind=KIND, by=by)
    return definition


@signed_row(KIND, model=ProcessDefinition, moves=("approval_id",))
def approved_content(definition: ProcessDefinition) -> dict:
    """What the approving signature covers."""
    return {
        "code": definition.code,
        "version": definition.version,
        "name": definition.name,
        "content": definition.content,
    }


@asks_for
def process_qualifications() -> list[str]:
    """Before a version is approved people are trained for it."""
    return [definition.qualification for definition in ProcessDefinition.objects.defer("content")]
