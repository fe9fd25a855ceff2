"""Badges, PINs and the tablets that they open again."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.reasons import stated
from tilmfg.records.words import in_a_sentence

from .. import codes, pins
from ..models import Attempt, Badge, Device, Pin, Presence, User
from ..proof import CHAIN, KIND, Proof, require_proof
from ..roles import BADGE_ROLES, Role, may_unlock
from ..sessions import end_sessions
from ..verbs import verb

ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR,)
JUST_NOW = timedelta(minutes=4)  # the database asks for less than five
Purpose, Outcome = Attempt.Purpose, Attempt.Outcome


class UnableToIssueBadge(UnableTo):
    """The person has the badge that they had."""


class UnableToChoosePin(UnableTo):
    """The PIN stays as it was."""


class UnableToRegisterDevice(UnableTo):
    """The tablet is not registered."""


@verb("accounts.device.register", roles=ADMINISTRATORS)
def register_device(*, name: str, reason: str, by: User) -> str:
    """The browser in front of the administrator keeps what this returns; we keep a digest."""
    name = " ".join(name.split())
    require(name, UnableToRegisterDevice("Name the tablet, as people call it.", field="name"))
    reason = stated(reason, UnableToRegisterDevice, what="where the tablet stands and who may reach it")
    require(
        not Device.objects.filter(name=name, withdrawn_at=None).exists(),
        UnableToRegisterDevice(f"There is a tablet “{name}” already.", field="name"),
    )
    token = codes.new_token()
    device = Device.objects.create(name=name, digest=codes.digest_of(token), registered_by=by)
    publish(
        "accounts.device.registered",
        subject=device,
        kind="accounts.device",
        chain=CHAIN,
        by=by,
        details={"name": name, "reason": reason},
    )
    return token


@verb("accounts.device.withdraw", roles=ADMINISTRATORS)
def withdraw_device(*, device: Device, reason: str, by: User) -> Device:
    """Lost, or moved to where others reach it: badges open nothing on it any more."""
    reason = stated(reason, UnableToRegisterDevice, what="why the tablet is withdrawn")
    gone = Device.objects.filter(pk=device.pk, withdrawn_at=None).update(
        withdrawn_at=Now(), withdrawn_by=by, withdrawal_reason=reason
    )
    require(gone, ChangedMeanwhile(f"{device.name} is withdrawn already."))
    publish(
        "accounts.device.withdrawn",
        subject=device,
        kind="accounts.device",
        chain=CHAIN,
        by=by,
        details={"name": device.name, "reason": reason},
    )
    return device


@verb("accounts.badge.issue", roles=ADMINISTRATORS, service=True)
def issue_badge(*, user: User, reason: str, credential: Proof | None = None, by: User, code: str = "") -> str:
    """What is printed on the person's badge; one that they had counts no more. Only the program names the code, for
    its invented people, and gives no `credential`."""
    if not by.is_service:
        require_proof(credential or Proof(), by, UnableToIssueBadge)
    reason = stated(reason, UnableToIssueBadge, what="why a badge is issued")
    require(by.is_service or not code, UnableToIssueBadge("A badge's code is drawn, not chosen."))
    require(user.pk != by.pk, UnableToIssueBadge("Another system administrator issues your badge."))
    may_be = ", ".join(in_a_sentence(role.label) for role in BADGE_ROLES)
    require(
        may_unlock(user),
        UnableToIssueBadge(f"Badges are for who is {may_be} and administers nothing; others log in."),
    )
    _withdraw(user, reason=f"Replaced: {reason}", by=by)
    code = code or codes.new_token()
    Badge.objects.create(user=user, digest=codes.digest_of(code), issued_by=by)
    _tell("accounts.badge.issued", user, by=by, reason=reason)
    return code


@verb("accounts.badge.withdraw", roles=ADMINISTRATORS)
def withdraw_badge(*, user: User, reason: str, by: User) -> User:
    """Lost or returned: it opens nothing, and every session of the person's ends at once."""
    reason = stated(reason, UnableToIssueBadge, what="why the badge is withdrawn")
    require(_withdraw(user, reason=reason, by=by), ChangedMeanwhile(f"{user.printed_name} has no badge."))
    end_sessions(user)
    _tell("accounts.badge.withdrawn", user, by=by, reason=reason)
    return user


def choose_pin(*, pin: str, credential: Proof, by: User) -> Pin:
    """By whoever carries the badge and has just proved all of who they are."""
    require_proof(credential, by, UnableToChoosePin)
    require(
        credential.with_factor, UnableToChoosePin("Give a code, or use a passkey.", field="one_time_code")
    )
    with acting(actor=by.username, verb="accounts.pin.choose"):
        return _set_pin(by, pin, by=by)


@verb("accounts.pin.furnish", service=True)
def furnish_pin(*, user: User, pin: str, by: User) -> Pin:
    """The program gives its invented people one; real people choose theirs."""
    return _set_pin(user, pin, by=by)


def begin_presence(*, device: Device, by: User) -> Presence | None:
    """Who just logged in on a tablet with all they have may unlock it by badge. Nobody is present by less."""
    whole = by.attempts.filter(purpose=Purpose.SIGN_IN, with_code=True)
    whole |= by.attempts.filter(purpose=Purpose.SINGLE_SIGN_ON)
    outcomes = (Outcome.ACCEPTED, Outcome.SIGNED_ON)
    unused = whole.filter(outcome__in=outcomes, presence=None, recorded_at__gt=Now() - JUST_NOW)
    attempt = unused.order_by("-id").first()
    if attempt is None or not by.badges.filter(withdrawn_at=None).exists():
        return None
    with acting(actor=by.username, verb="accounts.presence.begin"):
        return Presence.objects.create(
            device=device, user=by, attempt=attempt, bound_to=by.get_session_auth_hash()
        )


def end_presence(*, device: Device, by: User) -> None:
    """Who logs out is gone from the tablet, too; who locks it is not."""
    with acting(actor=by.username, verb="accounts.presence.end"):
        device.presences.filter(user=by, ended_at=None).update(ended_at=Now())


def lock_device(*, device: Device, by: User) -> None:
    """The screen is locked; that and when is on record."""
    with acting(actor=by.username, verb="accounts.device.lock"):
        _tell("accounts.device.locked", by, by=by, device=device.name)


def _set_pin(user: User, pin: str, *, by: User) -> Pin:
    why = pins.why_refused(pin)
    require(not why, UnableToChoosePin(why, field="pin"))
    badge = user.badges.filter(withdrawn_at=None).first()
    if badge is None:
        raise UnableToChoosePin("You carry no badge; a system administrator issues one.", field="pin")
    badge.pins.filter(replaced_at=None).update(replaced_at=Now())
    chosen = Pin.objects.create(badge=badge, hashed=make_password(pin))
    _tell("accounts.pin.chosen", user, by=by)
    return chosen


def _withdraw(user: User, *, reason: str, by: User) -> int:
    carried = user.badges.filter(withdrawn_at=None)
    return carried.update(withdrawn_at=Now(), withdrawn_by=by, withdrawal_reason=reason)


def _tell(name: str, user: User, *, by: User, **details: str) -> None:
    told = {"username": user.username, **details}
    publish(name, subject=user, kind=KIND, chain=CHAIN, by=by, details=told)
