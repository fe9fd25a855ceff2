"""Proving who somebody is: every try is on record, and five wrong ones in a row lock the account.

A try is a transaction of its own, before that of the work it is for: it stays on record when the work is refused,
parallel tries take turns, and no record is locked while a password is hashed. See decisions/0006.
"""

import re
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction

from tilmfg.records.context import acting
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish
from tilmfg.records.retry import retried

from .models import Attempt, Lock, User
from .models.attempts import TRIES, WRONG_IN_A_ROW
from .passwords import LONGEST

Purpose, Outcome = Attempt.Purpose, Attempt.Outcome

CHAIN, KIND = "facility:accounts", "accounts.user"
NOBODY = "(not signed in)"  # the actor of a try that nobody signed in made; no user name looks so
NO_NAME = "(no user name)"  # what is typed there is now and then a password


class UnableToProve(UnableTo):
    """The person is not who they say, or cannot show it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of asking somebody for their secrets; it stands for one form sent once."""

    person: User | None = None
    refusal: UnableToProve | None = None

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


def prove_signer(*, password: str, by: User) -> Proof:
    """That whoever is signed in is still there."""
    wrong = UnableToProve("The password is not right; nothing was signed.", field="password")
    return _attempt(by.username, password, purpose=Purpose.SIGNATURE, actor=by.username, wrong=wrong)


def prove_second_person(*, name: str, password: str, by: User) -> Proof:
    """That the person named stands beside `by`."""
    wrong = UnableToProve("Name and password of the second person do not fit.", field="second_password")
    return _attempt(name, password, purpose=Purpose.SECOND_PERSON, actor=by.username, wrong=wrong)


def prove_at_sign_in(*, name: str, password: str) -> Proof:
    wrong = UnableToProve("Name and password do not fit.", field="password")
    return _attempt(name, password, purpose=Purpose.SIGN_IN, actor=NOBODY, wrong=wrong)


def wrong_in_a_row(person: User) -> int:
    with connection.cursor() as cursor:
        cursor.execute(WRONG_IN_A_ROW.format(user="%(user)s"), {"user": person.pk})
        return cursor.fetchone()[0]


def _attempt(name: str, password: str, *, purpose: str, actor: str, wrong: UnableToProve) -> Proof:
    def attempt() -> Proof:
        with transaction.atomic():
            person = _claimed(name)
            outcome = _outcome(person, password)
            with acting(actor=actor, verb=f"accounts.{purpose}.prove"):
                row = Attempt.objects.create(
                    name=_recordable(name), user=person, purpose=purpose, outcome=outcome
                )
                if person and outcome == Outcome.WRONG_PASSWORD and wrong_in_a_row(person) >= TRIES:
                    _lock(person, row)
                    outcome = Outcome.LOCKED
        if outcome == Outcome.ACCEPTED:
            return Proof(person)
        return Proof(person, _locked(wrong.field) if outcome == Outcome.LOCKED else wrong)

    return retried(attempt)


def _claimed(name: str) -> User | None:
    """The person who is meant, held until the try is recorded: parallel tries take turns."""
    people = User.objects.select_for_update(no_key=True).filter(is_service=False)
    return people.filter(username=name.replace("\x00", "").strip().lower()).first()


def _outcome(person: User | None, password: str) -> str:
    if person and person.is_locked:
        return Outcome.LOCKED
    if not _fits(person, password):
        return Outcome.WRONG_PASSWORD if person else Outcome.UNKNOWN
    return Outcome.ACCEPTED if person and person.is_active else Outcome.INACTIVE


def _fits(person: User | None, password: str) -> bool:
    if len(password) > LONGEST:
        return False
    if person is None:
        make_password(password)  # takes as long as a comparison: the time does not tell whether a name exists
        return False
    return check_password(password, person.password)


def _lock(person: User, row: Attempt) -> None:
    Lock.objects.create(user=person, attempt=row)
    publish(
        "accounts.user.locked",
        subject=person,
        kind=KIND,
        chain=CHAIN,
        by=User.objects.service_account(),
        details={"username": person.username, "purpose": row.purpose},
    )


def _locked(field: str) -> UnableToProve:
    return UnableToProve(
        f"This account is locked after {TRIES} wrong tries in a row. "
        "A system administrator unlocks it, with a reason.",
        field=field,
    )


def _recordable(name: str) -> str:
    name = name.strip().lower()
    return name if re.fullmatch(r"[a-z][a-z0-9._-]{1,39}", name) else NO_NAME
