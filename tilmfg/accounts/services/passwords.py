"""Passwords are chosen by the person they belong to, and by nobody else."""

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish

from ..models import User
from ..proof import CHAIN, KIND, Proof, require_proof


class UnableToChoosePassword(UnableTo):
    """The password stays as it was."""


def choose_password(*, password: str, proof: Proof) -> User:
    """By invitation: the first one, or the next after it was forgotten. Ends the person's sessions."""
    person = proof.person
    if proof.refusal or person is None:
        refusal = proof.refusal or UnableTo("This needs an invitation.")
        raise UnableToChoosePassword(str(refusal), field=refusal.field)
    with acting(actor=person.username, verb="accounts.password.choose"):
        spent = person.invitations.filter(spent_at=None).update(spent_at=Now())
        require(spent, UnableToChoosePassword("This invitation is spent.", field="invitation"))
        return _set(person, password, why="chosen by invitation")


def change_password(*, password: str, credential: Proof, by: User) -> User:
    """By whoever knows the present one. Ends the person's sessions, this one included."""
    require_proof(credential, by, UnableToChoosePassword)
    return _set(by, password, why="changed by the person")


def _set(person: User, password: str, *, why: str) -> User:
    try:
        validate_password(password, person)
    except ValidationError as refused:
        raise UnableToChoosePassword(" ".join(refused.messages), field="new_password") from None
    require(
        not check_password(password, person.password),
        UnableToChoosePassword("This is the password you have.", field="new_password"),
    )
    person.set_password(password)
    with acting(actor=person.username, verb="accounts.password.choose", reason=why):
        User.objects.filter(pk=person.pk).update(password=person.password)
        publish("accounts.password.changed", subject=person, kind=KIND, chain=CHAIN, by=person)
    return person
