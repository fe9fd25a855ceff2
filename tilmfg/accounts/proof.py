"""Proving who somebody is: every try is on record, and five wrong ones in a row lock the account.

A try is a transaction of its own, before that of the work it is for: it stays on record when the work is refused,
parallel tries take turns, and no record is locked while a password is hashed. See decisions/0006.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish
from tilmfg.records.outbox import promise
from tilmfg.records.retry import retried

from . import codes, passkeys, pins
from .models import Attempt, Badge, Device, Lock, Passkey, Pin, Presence, User
from .models.attempts import HOURS_PRESENT, TRIES, WRONG_IN_A_ROW
from .models.people import NOBODY
from .passwords import LONGEST
from .roles import may_unlock

Purpose, Outcome = Attempt.Purpose, Attempt.Outcome

CHAIN, KIND = "facility:accounts", "accounts.user"
PRESENT = timedelta(hours=HOURS_PRESENT)
client_address: ContextVar[str | None] = ContextVar("client_address", default=None)  # set at the edge
NO_NAME = "(no user name)"  # what is typed there is now and then a password
WRONG = (Outcome.WRONG_PASSWORD, Outcome.WRONG_CODE, Outcome.WRONG_PASSKEY, Outcome.WRONG_PIN)


class UnableToProve(UnableTo):
    """The person is not who they say, or cannot show it."""


ABSENT = UnableToProve(
    "Log in with password and code first: a badge opens this tablet only for who did so here today.",
    field="pin",
)
WRONG_CODE = UnableToProve("This code is not right.", field="one_time_code")
USED_CODE = UnableToProve(
    "This code was used before. Wait for the next one, at most half a minute.", field="one_time_code"
)


WRONG_PASSKEY = UnableToProve(
    "This passkey was not accepted. Use it once more, or type a code.", field="one_time_code"
)
IN_WORDS: dict[str, UnableToProve] = {
    Outcome.WRONG_CODE: WRONG_CODE,
    Outcome.USED_CODE: USED_CODE,
    Outcome.WRONG_PASSKEY: WRONG_PASSKEY,
    Outcome.ABSENT: ABSENT,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of asking somebody for their secrets; it stands for one form sent once."""

    person: User | None = None
    refusal: UnableToProve | None = None
    with_factor: bool = False  # by a code or a passkey, too
    asks_code: bool = False  # the next form of this session must carry one of these
    takes_passkey: bool = False  # there is one to be asked for

    @property
    def is_accepted(self) -> bool:
        return self.person is not None and self.refusal is None

    def refusal_of(self, by: User) -> UnableToProve | None:
        """Why this is no proof that `by` is here; None if it is one."""
        if self.refusal:
            return self.refusal
        if self.person is None or self.person.pk != by.pk:
            return UnableToProve("Prove with your own password that it is you.", field="password")
        return None


def require_proof(credential: Proof, by: User, refusal: type[UnableTo]) -> None:
    """A desk or tablet left open for a moment lets nobody act as `by`."""
    if refused := credential.refusal_of(by):
        raise refusal(str(refused), field=refused.field)


def prove_signer(
    *, password: str, by: User, code: str | None = None, passkey: passkeys.Answer | None = None
) -> Proof:
    """That whoever is signed in is still there; with a code or a passkey at the first signing of a session."""
    wrong = UnableToProve("The password is not right; nothing was recorded.", field="password")
    asked = [_password(password)]
    if passkey is not None:
        asked.append(_passkey(passkey))
    elif code is not None:
        asked.append(_code(code))
    return _attempt(by.username, *asked, purpose=Purpose.SIGNATURE, actor=by.username, wrong=wrong)


def prove_second_person(*, name: str, password: str, by: User) -> Proof:
    """That the person named stands beside `by`."""
    wrong = UnableToProve("Name and password of the second person do not fit.", field="second_password")
    return _attempt(name, _password(password), purpose=Purpose.SECOND_PERSON, actor=by.username, wrong=wrong)


def begin_sign_in(*, name: str, password: str) -> Proof:
    """The first half. It neither opens a session nor ends a row of wrong tries."""
    wrong = UnableToProve("Name and password do not fit.", field="password")
    asked = _password(password)
    return _attempt(name, asked, purpose=Purpose.SIGN_IN, actor=NOBODY, wrong=wrong, right=Outcome.BEGUN)


def complete_sign_in(
    *, person: User, code: str = "", passkey: passkeys.Answer | None = None, by_provider: bool = False
) -> Proof:
    """The second half, soon after the first: a passkey, a code of the authenticator, or a recovery code."""
    asked = _passkey(passkey) if passkey else _code(code, or_recovery=True)
    right = Outcome.SIGNED_ON if by_provider else Outcome.ACCEPTED
    return _attempt(
        person.username, asked, purpose=Purpose.SIGN_IN, actor=NOBODY, wrong=WRONG_CODE, right=right
    )


def begin_by_provider(*, person: User | None, complete: bool) -> Proof:
    """Whom single sign-on named: it stands for the password or, where the provider is trusted, for all of it."""
    wrong = UnableToProve("This account is not active.")
    asked = Question(lambda found: Outcome.ACCEPTED if found else Outcome.UNKNOWN)
    right = Outcome.SIGNED_ON if complete else Outcome.BEGUN
    name = person.username if person else ""
    return _attempt(name, asked, purpose=Purpose.SINGLE_SIGN_ON, actor=NOBODY, wrong=wrong, right=right)


@dataclass(frozen=True, slots=True)
class Question:
    """One secret that is asked for, and how an answer is judged."""

    judge: Callable[[User | None], str]
    is_factor: bool = False  # the second one
    challenge: str = ""


def prove_invited(*, name: str, words: str) -> Proof:
    """That whoever chooses a password holds the invitation; it is not yet spent by this."""
    wrong = UnableToProve("Name and invitation do not fit, or it has lapsed.", field="invitation")
    asked = Question(lambda person: _judge_invitation(person, words))
    return _attempt(name, asked, purpose=Purpose.INVITATION, actor=NOBODY, wrong=wrong, right=Outcome.BEGUN)


@dataclass(frozen=True, slots=True)
class Unlocking:
    """What came of a badge and a PIN. It is no `Proof`: nothing is signed with it."""

    presence: Presence | None = None
    refusal: UnableToProve | None = None


def prove_badge(*, badge: str, pin: str, device: Device) -> Unlocking:
    """That somebody who logged in on this tablet came back to it."""
    wrong = UnableToProve("Badge and PIN do not fit.", field="pin")
    carried = Badge.objects.select_related("user").filter(digest=codes.digest_of(badge), withdrawn_at=None)
    found = carried.first()
    present = Question(lambda person: Outcome.ACCEPTED if presence_of(person, device) else Outcome.ABSENT)
    proof = _attempt(
        found.user.username if found else "",
        Question(lambda person: _judge_pin(person, pin)),
        present,
        purpose=Purpose.UNLOCK,
        actor=NOBODY,
        wrong=wrong,
        right=Outcome.UNLOCKED,
        device=device,
    )
    if proof.refusal or proof.person is None:
        return Unlocking(refusal=proof.refusal or wrong)
    return Unlocking(presence=presence_of(proof.person, device))


def presence_of(person: User | None, device: Device) -> Presence | None:
    """The latest, if the person may still unlock this tablet by it."""
    if person is None or not may_unlock(person):
        return None
    latest = device.presences.filter(user=person, ended_at=None, began_at__gt=Now() - PRESENT).last()
    return latest if latest and latest.bound_to == person.get_session_auth_hash() else None


def wrong_in_a_row(person: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WRONG_IN_A_ROW.format(user="%(user)s"), {"user": person.pk})
        return cursor.fetchone()[0]


def _attempt(
    name: str,
    *asked: Question,
    purpose: str,
    actor: str,
    wrong: UnableToProve,
    right: str = Outcome.ACCEPTED,
    device: Device | None = None,
) -> Proof:
    with_factor = any(question.is_factor for question in asked)

    def attempt() -> Proof:
        with acting(actor=actor, verb=f"accounts.{purpose}.prove"):
            person = _claimed(name)
            outcome = _judged(person, asked, right=right)
            row = Attempt.objects.create(
                name=_recordable(name),
                user=person,
                purpose=purpose,
                outcome=outcome,
                with_code=with_factor,
                challenge="".join(question.challenge for question in asked),
                device=device,
                address=client_address.get(),
            )
            if person and outcome in WRONG and wrong_in_a_row(person) >= TRIES:
                _lock(person, row)
                outcome = Outcome.LOCKED
        if outcome == right:
            return Proof(person, with_factor=with_factor)
        if outcome == Outcome.LOCKED:
            return Proof(person, _locked(wrong.field))
        return Proof(person, IN_WORDS.get(outcome, wrong))

    return retried(attempt)


def _judged(person: User | None, asked: tuple[Question, ...], *, right: str) -> str:
    if person and person.is_locked:
        return Outcome.LOCKED
    for question in asked:
        outcome = question.judge(person)
        if outcome != Outcome.ACCEPTED:
            return outcome
    return right if person and person.is_active else Outcome.INACTIVE


def _claimed(name: str) -> User | None:
    """The person who is meant, held until the try is recorded: parallel tries take turns."""
    people = User.objects.select_for_update(no_key=True).filter(is_service=False)
    return people.filter(username=name.replace("\x00", "").strip().lower()).first()


def _password(password: str) -> Question:
    def judge(person: User | None) -> str:
        if len(password) <= LONGEST:
            if person and check_password(password, person.password):
                return Outcome.ACCEPTED
            if person is None:
                make_password(
                    password
                )  # as long as a comparison: the time does not tell whether a name exists
        return Outcome.WRONG_PASSWORD if person else Outcome.UNKNOWN

    return Question(judge)


def _code(code: str, *, or_recovery: bool = False) -> Question:
    typed = "".join(code.split())

    def judge(person: User | None) -> str:
        if person and codes.is_like_a_code(typed):
            return _accept_code(person, typed)
        if person and or_recovery and _spend_recovery_code(person, typed):
            return Outcome.ACCEPTED
        return Outcome.WRONG_CODE

    return Question(judge, is_factor=True)


def _accept_code(person: User, code: str) -> str:
    """Right and not used before. The person is held, so that of two who type the same code one is too late."""
    authenticator = person.authenticators.filter(removed_at=None).first()
    step = codes.step_of(authenticator.sealed, code) if authenticator else None
    if authenticator is None or step is None:
        return Outcome.WRONG_CODE
    newer = person.authenticators.filter(pk=authenticator.pk, last_step__lt=step).update(last_step=step)
    return Outcome.ACCEPTED if newer else Outcome.USED_CODE


def _passkey(answer: passkeys.Answer) -> Question:
    def judge(person: User | None) -> str:
        if person is None or person.attempts.filter(challenge=answer.challenge).exists():
            return Outcome.WRONG_PASSKEY
        held = {one.credential_id: one for one in person.passkeys.filter(removed_at=None)}
        try:
            used, counter = passkeys.read(answer, held=[one.attested for one in held.values()])
        except passkeys.UnableToRead:
            return Outcome.WRONG_PASSKEY
        return _count(held[used], counter)

    return Question(judge, is_factor=True, challenge=answer.challenge)


def _count(passkey: Passkey, counter: int) -> str:
    """A device that counts never shows a number twice; a copy of its key does. Those that do not, always show 0."""
    if counter == passkey.counter == 0:
        return Outcome.ACCEPTED
    newer = Passkey.objects.filter(pk=passkey.pk, counter__lt=counter).update(counter=counter)
    return Outcome.ACCEPTED if newer else Outcome.WRONG_PASSKEY


def _spend_recovery_code(person: User, code: str) -> bool:
    unspent = person.recovery_codes.filter(digest=codes.digest_of(code), spent_at=None)
    return bool(unspent.update(spent_at=Now()))


def _judge_invitation(person: User | None, words: str) -> str:
    if person is None:
        return Outcome.UNKNOWN
    unspent = person.invitations.filter(digest=codes.digest_of(words), spent_at=None, expires_at__gt=Now())
    return Outcome.ACCEPTED if unspent.exists() else Outcome.WRONG_PASSWORD


def _judge_pin(person: User | None, pin: str) -> str:
    chosen = Pin.objects.filter(badge__user=person, badge__withdrawn_at=None, replaced_at=None).first()
    if person and chosen and len(pin) <= pins.LONGEST and check_password(pin, chosen.hashed):
        return Outcome.ACCEPTED
    return Outcome.WRONG_PIN if person else Outcome.UNKNOWN


def _lock(person: User, row: Attempt) -> None:
    lock = Lock.objects.create(user=person, attempt=row)
    publish(
        "accounts.user.locked",
        subject=person,
        kind=KIND,
        chain=CHAIN,
        by=User.objects.service_account(),
        details={"username": person.username, "purpose": row.purpose},
    )
    promise("accounts.report_lock", key=lock.pk, lock_id=lock.pk)


def _locked(field: str | None) -> UnableToProve:
    return UnableToProve(
        f"This account is locked after {TRIES} wrong tries in a row. "
        "A system administrator unlocks it, with a reason.",
        field=field,
    )


def _recordable(name: str) -> str:
    name = name.strip().lower()
    return name if re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", name) else NO_NAME
