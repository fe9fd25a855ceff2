"""The accountability statement: published by QA in versions, acknowledged by everybody before they sign."""

from django.db.models import Max

from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish

from ..models import Acknowledgement, Statement, User
from ..proof import CHAIN
from ..roles import Role
from ..training import current_statement
from ..verbs import verb

KIND = "accounts.statement"


class UnableToPublish(UnableTo):
    """The version in force stays."""


@verb("accounts.statement.publish", roles=(Role.QA_APPROVER,))
def publish_statement(*, text: str, reason: str, by: User) -> Statement:
    """The next version: from now on nobody signs before having acknowledged it."""
    require(text.strip(), UnableToPublish("The statement has no text.", field="text"))
    require(reason.strip(), UnableToPublish("State what changed and why.", field="reason"))
    require(
        text.strip() != current_statement().text,
        UnableToPublish("This is the text of the version in force.", field="text"),
    )
    latest = Statement.objects.aggregate(latest=Max("version"))["latest"]
    statement = Statement.objects.create(version=latest + 1, text=text.strip(), published_by=by)
    publish("accounts.statement.published", subject=statement, kind=KIND, chain=CHAIN, by=by)
    return statement


@verb("accounts.statement.acknowledge", roles=tuple(Role))
def acknowledge_statement(*, version: int, by: User) -> Acknowledgement:
    """Each person for themselves, the version in force. `version` is the one that they read."""
    statement = current_statement()
    require(
        version == statement.version,
        ChangedMeanwhile("Another version of the statement is in force now; read that one."),
    )
    acknowledgement, is_new = Acknowledgement.objects.get_or_create(person=by, statement=statement)
    if is_new:
        publish("accounts.statement.acknowledged", subject=statement, kind=KIND, chain=CHAIN, by=by)
    return acknowledgement
