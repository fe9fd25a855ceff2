"""What a system administrator does to the accounts of others, each for a reason. Never a password."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.words import in_a_sentence

from .. import codes
from ..models import Invitation, RoleGrant, User
from ..proof import CHAIN, KIND, Proof, require_proof
from ..roles import Role
from ..sessions import end_sessions
from ..verbs import verb

ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR,)
INVITATION_LASTS = timedelta(days=3)


class UnableToAdminister(UnableTo):
    """The account stays as it is."""


@verb("accounts.user.register", roles=ADMINISTRATORS, service=True)
def register_user(
    *,
    username: str,
    printed_name: str,
    roles: tuple[Role, ...],
    credential: Proof | None = None,
    by: User,
    password: str = "",
) -> User:
    """A person comes in by an invitation; only the program itself gives its invented people a password, and none of
    its own."""
    if not by.is_service:
        require_proof(credential or Proof(), by, UnableToAdminister)
    require(
        by.is_service or not password,
        UnableToAdminister("People choose their own passwords: invite them.", field="password"),
    )
    require(
        by.is_service or roles, UnableToAdminister("Choose what the person is to do here.", field="roles")
    )
    username = username.strip().lower()
    require(
        not User.objects.filter(username=username).exists(),
        UnableToAdminister(
            f"“{username}” is or was somebody else; names are never given twice.", field="username"
        ),
    )
    user = User(username=username, printed_name=printed_name.strip())
    user.set_password(password or None)
    user.full_clean(exclude=["password"])
    user.save()
    for role in roles:
        _grant(user, role, by=by)
    return user


@verb("accounts.user.invite", roles=ADMINISTRATORS, service=True)
def invite_user(*, user: User, reason: str, credential: Proof | None, by: User) -> str:
    """Words for one person, to be handed over in person, with which they choose a password; earlier ones lapse.

    The program itself has no password and gives no `credential`; everybody else does.
    """
    if not by.is_service:
        require_proof(credential or Proof(), by, UnableToAdminister)
    _require_somebody_else(user, by)
    require(user.is_active, UnableToAdminister(f"{user.printed_name} is deactivated."))
    require(
        user.is_enrolled
        or not any(held.filter(removed_by=by).exists() for held in (user.authenticators, user.passkeys)),
        UnableToAdminister(
            f"You reset the authenticator of {user.printed_name}; until they have a new one, another system "
            "administrator invites them."
        ),
    )
    user.invitations.filter(spent_at=None).update(spent_at=Now())
    words = codes.new_invitation()
    Invitation.objects.create(
        user=user,
        digest=codes.digest_of(words),
        issued_by=by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    _tell("accounts.user.invited", user, reason=reason, by=by)
    return words


@verb("accounts.user.deactivate", roles=ADMINISTRATORS)
def deactivate_user(*, user: User, reason: str, by: User) -> User:
    """Who leaves: nothing is proved with this account any more, and every session ends at once."""
    _require_somebody_else(user, by)
    end_account(user)
    _tell("accounts.user.deactivated", user, reason=reason, by=by)
    return user


def end_account(user: User) -> None:
    """Part of a verb: nobody comes in by this account any more, wherever it is signed in or invited."""
    left = User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
    require(left, ChangedMeanwhile(f"{user.printed_name} is deactivated already."))
    user.invitations.filter(spent_at=None).update(spent_at=Now())
    end_sessions(user)


@verb("accounts.user.reactivate", roles=ADMINISTRATORS)
def reactivate_user(*, user: User, reason: str, credential: Proof, by: User) -> User:
    """Who comes back, with the roles that were not revoked meanwhile."""
    require_proof(credential, by, UnableToAdminister)
    _require_somebody_else(user, by)
    back = User.objects.filter(pk=user.pk, is_active=False).update(is_active=True)
    require(back, ChangedMeanwhile(f"{user.printed_name} is active."))
    _tell("accounts.user.reactivated", user, reason=reason, by=by)
    return user


@verb("accounts.role.grant", roles=ADMINISTRATORS)
def grant_role(*, user: User, role: str, reason: str, credential: Proof, by: User) -> RoleGrant:
    require_proof(credential, by, UnableToAdminister)
    _require_somebody_else(user, by)
    granted = _grant(user, role, by=by)
    _tell("accounts.role.granted", user, reason=reason, by=by, role=role)
    return granted


@verb("accounts.role.revoke", roles=ADMINISTRATORS)
def revoke_role(*, user: User, role: str, reason: str, by: User) -> User:
    """From the next request on the person may no longer what the role allowed; their sessions end."""
    _require_somebody_else(user, by)
    revoked = user.role_grants.filter(role=role, revoked_at=None).update(revoked_at=Now())
    require(revoked, ChangedMeanwhile(f"{user.printed_name} does not hold this role."))
    end_sessions(user)
    _tell("accounts.role.revoked", user, reason=reason, by=by, role=role)
    return user


def _grant(user: User, role: str, *, by: User) -> RoleGrant:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two who grant at once take turns
    known = ", ".join(in_a_sentence(known.label) for known in Role)
    require(role in Role.values, UnableToAdminister(f"“{role}” is no role; there are {known}.", field="role"))
    held = set(user.role_grants.filter(revoked_at=None).values_list("role", flat=True))
    require(
        role not in held,
        UnableToAdminister(f"{user.printed_name} is {_in_words(role)} already.", field="role"),
    )
    together = held | {role}
    works_on_records = together - {Role.SYSTEM_ADMINISTRATOR, Role.AUDITOR}
    require(
        Role.SYSTEM_ADMINISTRATOR not in together or not works_on_records,
        UnableToAdminister(
            "Nobody both administers the system and works on its records: "
            f"{user.printed_name} would be {' and '.join(sorted(map(_in_words, together)))}.",
            field="role",
        ),
    )
    return RoleGrant.objects.create(user=user, role=role, granted_by=by)


def _in_words(role: str) -> str:
    return in_a_sentence(Role(role).label)


def _require_somebody_else(user: User, by: User) -> None:
    require(not user.is_service, UnableToAdminister("The program's own account is nobody's to change."))
    require(user.pk != by.pk, UnableToAdminister("Another system administrator does this to your account."))


def _tell(name: str, user: User, *, reason: str, by: User, **details: str) -> None:
    told = {"username": user.username, "reason": reason.strip(), **details}
    publish(name, subject=user, kind=KIND, chain=CHAIN, by=by, details=told)
