"""People: unlocked, leaving, standing beside each other."""

from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.words import in_a_sentence

from ..models import User
from ..proof import CHAIN, KIND, Proof, require_proof
from ..roles import Role
from ..verbs import verb


def service_account() -> User:
    """Whom automation acts as."""
    return User.objects.service_account()


def sign_out(*, by: User) -> None:
    """Anybody may leave; that they did is on record."""
    with acting(actor=by.username, verb="accounts.session.end"):
        publish("accounts.session.ended", subject=by, kind=KIND, chain=CHAIN, by=by)


class UnableToUnlock(UnableTo):
    """The account stays locked."""


@verb("accounts.user.unlock", roles=(Role.SYSTEM_ADMINISTRATOR,))
def unlock_user(*, user: User, lock: int, reason: str, credential: Proof, by: User) -> User:
    """Five wrong tries locked the account; another person, who has asked why, opens it again.

    `lock` is the key of the one that was asked about; a later one is a matter of its own.
    """
    require_proof(credential, by, UnableToUnlock)
    require(user.pk != by.pk, UnableToUnlock("Another system administrator unlocks your account."))
    require(reason.strip(), UnableToUnlock("State why the account is unlocked.", field="reason"))
    unlocked = user.locks.filter(pk=lock, unlocked_at=None).update(
        unlocked_by=by, unlocked_at=Now(), unlock_reason=reason.strip()
    )
    require(
        unlocked or not user.is_locked,
        ChangedMeanwhile(
            f"The account of {user.printed_name} was locked again after you opened this page; ask them about that."
        ),
    )
    require(unlocked, ChangedMeanwhile(f"The account of {user.printed_name} is not locked."))
    publish(
        "accounts.user.unlocked",
        subject=user,
        kind=KIND,
        chain=CHAIN,
        by=by,
        details={"username": user.username, "reason": reason.strip()},
    )
    return user


class UnableToActTogether(UnableTo):
    """The second person was not accepted."""


def second_person(*, proof: Proof, roles: tuple[Role, ...], first: User) -> User:
    """The person who stands beside the first one, proved by a secret of their own; the first one's session stays."""
    if proof.refusal:
        raise UnableToActTogether(str(proof.refusal), field=proof.refusal.field)
    second = proof.person
    if second is None:
        raise UnableToActTogether("The second person gives name and password here.", field="second_password")
    require(
        second.pk != first.pk,
        UnableToActTogether("The second person must be somebody else than you.", field="second_username"),
    )
    wanted = " or ".join(in_a_sentence(Role(role).label) for role in roles)
    require(
        second.holds(*roles),
        UnableToActTogether(f"{second.printed_name} is not a {wanted}.", field="second_username"),
    )
    return second
