"""What people prove themselves with beside the password: added by themselves, removed by them or for them."""

from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish

from .. import codes
from ..models import Authenticator, RecoveryCode, User
from ..proof import CHAIN, KIND, Proof
from ..roles import Role
from ..sessions import end_sessions
from ..verbs import verb


class UnableToEnrol(UnableTo):
    """The authenticator is not added."""


class UnableToReset(UnableTo):
    """The authenticator stays."""


def add_authenticator(*, sealed: str, code: str, by: User) -> list[str]:
    """Whoever has given the right password adds the app that they hold; one code shows that it works.

    Returns recovery codes, which are kept as digests only.
    """
    step = codes.step_of(sealed, code) if codes.is_like_a_code(code) else None
    if step is None:
        raise UnableToEnrol(
            "This is not the code that the app shows now for this secret.", field="one_time_code"
        )
    with acting(actor=by.username, verb="accounts.authenticator.add"):
        Authenticator.objects.create(user=by, sealed=sealed, last_step=step)
        publish("accounts.authenticator.added", subject=by, kind=KIND, chain=CHAIN, by=by)
        return _issue_recovery_codes(by)


@verb("accounts.authenticator.reset", roles=(Role.SYSTEM_ADMINISTRATOR,))
def reset_authenticator(*, user: User, reason: str, by: User) -> User:
    """Lost or stolen: it counts no more, all sessions end, and the next sign-in begins with a new one."""
    require(user.pk != by.pk, UnableToReset("Another system administrator resets your authenticator."))
    require(reason.strip(), UnableToReset("State why the authenticator is reset.", field="reason"))
    removed = user.authenticators.filter(removed_at=None).update(removed_at=Now(), removed_by=by)
    require(removed, ChangedMeanwhile(f"{user.printed_name} has no authenticator."))
    user.recovery_codes.filter(spent_at=None).update(spent_at=Now())
    end_sessions(user)
    details = {"username": user.username, "reason": reason.strip()}
    publish("accounts.authenticator.reset", subject=user, kind=KIND, chain=CHAIN, by=by, details=details)
    return user


def replace_recovery_codes(*, credential: Proof, by: User) -> list[str]:
    """As a person asks for it on a page, where they prove that it is they."""
    if refusal := credential.refusal_of(by):
        raise UnableToEnrol(str(refusal), field=refusal.field)
    return issue_recovery_codes(by=by)


def issue_recovery_codes(*, by: User) -> list[str]:
    """New ones for oneself; those before open nothing any more."""
    with acting(actor=by.username, verb="accounts.recovery_codes.issue"):
        by.recovery_codes.filter(spent_at=None).update(spent_at=Now())
        return _issue_recovery_codes(by)


def _issue_recovery_codes(person: User) -> list[str]:
    issued = codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, digest=codes.digest_of(code)) for code in issued
    )
    return issued
