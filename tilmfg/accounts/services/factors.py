"""What people prove themselves with beside the password: added by themselves, removed by them or for them."""

from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.reasons import stated

from .. import codes, passkeys
from ..models import Authenticator, Passkey, RecoveryCode, User
from ..proof import CHAIN, KIND, Proof, require_proof
from ..roles import Role
from ..sessions import end_sessions
from ..verbs import verb


class UnableToEnrol(UnableTo):
    """The authenticator is not added."""


class UnableToReset(UnableTo):
    """The authenticator stays."""


class UnableToRemove(UnableTo):
    """The passkey stays."""


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


def add_passkey(*, name: str, answer: passkeys.Answer, credential: Proof, by: User) -> Passkey:
    """A key of one's own beside the app: whoever adds it has just proved all of who they are."""
    require_all_of(credential, by, UnableToEnrol)
    name = " ".join(name.split())
    require(name, UnableToEnrol("Name the device or key, so that you know it again.", field="name"))
    held = by.passkeys.filter(removed_at=None)
    require(
        not held.filter(name=name).exists(),
        UnableToEnrol(f"You have a passkey “{name}” already; name this one otherwise.", field="name"),
    )
    try:
        key = passkeys.read_new(answer)
    except passkeys.UnableToRead:
        raise UnableToEnrol(
            "This is no passkey that was made for this page just now. Have your device make it once more.",
            field="new_passkey",
        ) from None
    require(
        not Passkey.objects.filter(credential_id=key.credential_id).exists(),
        UnableToEnrol("This passkey was added before. Have your device make a new one.", field="new_passkey"),
    )
    with acting(actor=by.username, verb="accounts.passkey.add"):
        added = Passkey.objects.create(
            user=by,
            name=name,
            credential_id=key.credential_id,
            attested=key.attested,
            counter=key.counter,
        )
        _tell("accounts.passkey.added", by, by=by, passkey=name)
    return added


def remove_passkey(*, passkey: Passkey, reason: str, credential: Proof, by: User) -> Passkey:
    """By its owner: lost, stolen, replaced. All of the owner's sessions end, this one included."""
    require_all_of(credential, by, UnableToRemove)
    require(passkey.user_id == by.pk, UnableToRemove("This is somebody else’s passkey."))
    reason = stated(reason, UnableToRemove, what="why the passkey is removed")
    with acting(actor=by.username, verb="accounts.passkey.remove", reason=reason):
        require(
            _remove_passkeys(by, reason=reason, by=by, pk=passkey.pk),
            ChangedMeanwhile(f"The passkey “{passkey.name}” is removed already."),
        )
        end_sessions(by)
        _tell("accounts.passkey.removed", by, by=by, passkey=passkey.name, reason=reason)
    return passkey


def require_all_of(credential: Proof, by: User, refusal: type[UnableTo]) -> None:
    """Password and second factor, just now: a tablet left open for a moment changes nobody's keys."""
    require_proof(credential, by, refusal)
    require(credential.with_factor, refusal("Give a code, or use a passkey you have.", field="one_time_code"))


def _remove_passkeys(person: User, *, reason: str, by: User, **which: int) -> int:
    held = person.passkeys.filter(removed_at=None, **which)
    return held.update(removed_at=Now(), removed_by=by, removal_reason=reason)


@verb("accounts.authenticator.reset", roles=(Role.SYSTEM_ADMINISTRATOR,))
def reset_authenticator(*, user: User, reason: str, credential: Proof, by: User) -> User:
    """Lost or stolen: no app, key or code counts any more, all sessions end, the next sign-in begins anew."""
    require_proof(credential, by, UnableToReset)
    require(user.pk != by.pk, UnableToReset("Another system administrator resets your authenticator."))
    require(reason.strip(), UnableToReset("State why the authenticator is reset.", field="reason"))
    invited = user.invitations.order_by("id").last()
    require(
        invited is None or invited.issued_by_id != by.pk,
        UnableToReset(
            f"You invited {user.printed_name} to choose the present password; another system administrator resets "
            "the authenticator."
        ),
    )
    removed = user.authenticators.filter(removed_at=None).update(removed_at=Now(), removed_by=by)
    removed += _remove_passkeys(user, reason=reason.strip(), by=by)
    require(removed, ChangedMeanwhile(f"{user.printed_name} has no authenticator."))
    user.recovery_codes.filter(spent_at=None).update(spent_at=Now())
    end_sessions(user)
    _tell("accounts.authenticator.reset", user, by=by, reason=reason.strip())
    return user


def replace_recovery_codes(*, credential: Proof, by: User) -> list[str]:
    """As a person asks for it on a page, where they prove that it is they."""
    require_proof(credential, by, UnableToEnrol)
    return issue_recovery_codes(by=by)


def issue_recovery_codes(*, by: User) -> list[str]:
    """New ones for oneself; those before open nothing any more."""
    with acting(actor=by.username, verb="accounts.recovery_codes.issue"):
        by.recovery_codes.filter(spent_at=None).update(spent_at=Now())
        return _issue_recovery_codes(by)


def _tell(name: str, person: User, *, by: User, **details: str) -> None:
    told = {"username": person.username, **details}
    publish(name, subject=person, kind=KIND, chain=CHAIN, by=by, details=told)


def _issue_recovery_codes(person: User) -> list[str]:
    issued = codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, digest=codes.digest_of(code)) for code in issued
    )
    return issued
