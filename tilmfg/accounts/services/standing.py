"""What people vouch for about others, never about themselves: who they are, and that their account is still needed."""

from collections.abc import Mapping, Sequence
from datetime import date

from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Effect
from tilmfg.records.outbox import promise
from tilmfg.records.reasons import stated
from tilmfg.records.words import in_a_sentence

from ..models import AccountReview, IdentityVerification, User
from ..proof import CHAIN, KIND
from ..roles import VOUCHERS, Role
from ..standing import due_for_review
from ..verbs import verb
from .administration import end_account

REVOKERS = (Role.SYSTEM_ADMINISTRATOR,)
TOLD_AT_MOST = 200
Document, Decision = IdentityVerification.Document, AccountReview.Decision


class UnableToVerify(UnableTo):
    """The identity stays as unverified as it was."""


class UnableToReview(UnableTo):
    """No account was reviewed."""


@verb("accounts.identity.verify", roles=VOUCHERS)
def verify_identity(*, person: User, document: str, by: User) -> IdentityVerification:
    """The person and the original stand before `by`, and the name on it is the printed name of the account."""
    require(
        person.pk != by.pk, UnableToVerify("Nobody verifies their own identity; somebody else who may does.")
    )
    require(
        person.is_active and not person.is_service,
        UnableToVerify(f"{person.printed_name} has no active account of a person."),
    )
    known = ", ".join(in_a_sentence(kind.label) for kind in Document)
    require(
        document in Document.values,
        UnableToVerify(f"“{document}” is no document that counts; these do: {known}.", field="document"),
    )
    verification = IdentityVerification.objects.create(
        person=person, printed_name=person.printed_name, document=document, verified_by=by
    )
    publish(
        "accounts.identity.verified",
        subject=person,
        kind=KIND,
        chain=CHAIN,
        by=by,
        details={"username": person.username, "printed_name": person.printed_name, "document": document},
    )
    return verification


@verb("accounts.account.review", roles=VOUCHERS)
def review_accounts(
    *, people: Sequence[User], seen: Mapping[str, Sequence[str]], decision: str, reason: str, by: User
) -> list[AccountReview]:
    """All of them or none, each with an event of its own. `seen` are the roles that were looked at, by user name."""
    require(people, UnableToReview("Choose at least one person.", field="people"))
    require(
        decision in Decision.values,
        UnableToReview(f"“{decision}” is no decision: confirm or revoke.", field="decision"),
    )
    require(
        decision == Decision.CONFIRMED or by.holds(*REVOKERS),
        NotAuthorised("A system administrator revokes accounts."),
    )
    reason = stated(reason, UnableToReview, what="how you know")
    held = User.objects.select_for_update(no_key=True).filter(pk__in=[person.pk for person in people])
    return [
        _review(person, seen=seen[person.username], decision=decision, reason=reason, by=by)
        for person in held.order_by("pk")
    ]


def _review(person: User, *, seen: Sequence[str], decision: str, reason: str, by: User) -> AccountReview:
    require(
        person.pk != by.pk,
        UnableToReview("Nobody reviews their own account; somebody else who may does.", field="people"),
    )
    require(
        person.is_active and not person.is_service,
        ChangedMeanwhile(f"{person.printed_name} has no active account of a person."),
    )
    roles = sorted(person.roles)
    require(
        roles == sorted(seen),
        ChangedMeanwhile(
            f"The roles of {person.printed_name} changed after you opened this page; look at them again."
        ),
    )
    review = AccountReview.objects.create(
        person=person, decision=decision, roles=roles, reason=reason, reviewed_by=by
    )
    if decision == Decision.REVOKED:
        end_account(person)
    publish(
        f"accounts.account.{decision}",
        subject=person,
        kind=KIND,
        chain=CHAIN,
        by=by,
        details={"username": person.username, "roles": roles, "reason": reason},
    )
    return review


@verb("accounts.account.remind", service=True)
def remind_of_reviews(*, monday: date, by: User) -> list[str]:
    """Whose account is due: on record and promised to be mailed, once in the week of `monday`."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # two beats take turns
    due = list(due_for_review().values_list("username", flat=True)[:TOLD_AT_MOST])
    key = monday.isoformat()
    if not due or Effect.objects.filter(key=f"accounts.report_reviews:{key}").exists():
        return []
    promise("accounts.report_reviews", key=key, monday=key)
    publish("accounts.reviews.due", subject=by, kind=KIND, chain=CHAIN, by=by, details={"usernames": due})
    return due
