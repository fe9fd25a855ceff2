"""The people of every test, and how tests write what a verb under test needs to stand on.

`adam` identity administrator · `olga`, `tomas` technicians · `ana`, `ines` analysts · `quinn` QA reviewer ·
`rosa` QA approver · `sam`, `nora` treatment site · `vera` auditor · `root` system administrator · `eve` outsider.
"""

import time
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.test import Client

from tilmfg.accounts import codes
from tilmfg.accounts.models import (
    Acknowledgement,
    Authenticator,
    IdentityVerification,
    Qualification,
    RoleGrant,
    User,
)
from tilmfg.accounts.plans import SIGNING_ROLES
from tilmfg.accounts.proof import Proof, prove_signer
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.accounts.services import service_account
from tilmfg.accounts.sessions import note_signing
from tilmfg.accounts.training import current_statement
from tilmfg.records.context import acting
from tilmfg.records.days import facility_today

PASSWORD = "correct horse battery staple"
# Hashing is slow on purpose; the cast share one hash of one password.
_HASH = []

CAST = {
    "adam": ("Adam Verhoeven", (Role.IDENTITY_ADMINISTRATOR,)),
    "olga": ("Olga Petrova", (Role.TECHNICIAN,)),
    "tomas": ("Tomás Herrera", (Role.TECHNICIAN,)),
    "ana": ("Ana Lindqvist", (Role.ANALYST,)),
    "ines": ("Inês Carvalho", (Role.ANALYST,)),
    "quinn": ("Quinn O’Hara", (Role.QA_REVIEWER,)),
    "rosa": ("Rosa Almeida", (Role.QA_APPROVER,)),
    "sam": ("Sam Whitfield", (Role.SITE,)),
    "nora": ("Nora Blake", (Role.SITE,)),
    "vera": ("Vera Sokolova", (Role.AUDITOR,)),
    "root": ("Ruth Ottesen", (Role.SYSTEM_ADMINISTRATOR,)),
    "eve": ("Eve Moreau", ()),
}


def credential(username: str, password: str = PASSWORD) -> Proof:
    """What a signing form hands to the verb when this person typed this password."""
    return prove_signer(password=password, by=person(username))


def with_authenticator(username: str) -> User:
    """The app was set up a minute ago, so the code of now is unused."""
    user = person(username)
    sealed = codes.new_secret()
    with acting(actor="tests", verb="tests.cast"):
        Authenticator.objects.create(user=user, sealed=sealed, last_step=int(time.time() // 30) - 2)
    return user


def code_of(user: User) -> str:
    """What the app shows now."""
    held = user.authenticators.get(removed_at=None)
    return codes.code_at(held.sealed, int(time.time() // codes.STEP_SECONDS)).decode()


def sign_in(client: Client, username: str) -> User:
    """Signed in, and signed something before: the next signature asks for the password alone."""
    user = person(username)
    client.force_login(user)
    session = client.session
    note_signing(session)
    session.save()
    return user


def person(username: str) -> User:
    """One of the cast, made when first asked for."""
    found = User.objects.filter(username=username).first()
    if found:
        return found
    if not _HASH:
        _HASH.append(make_password(PASSWORD))
    printed_name, roles = CAST[username]
    with acting(actor="tests", verb="tests.cast"):
        user = User.objects.create(username=username, printed_name=printed_name, password=_HASH[0])
        with acting(actor="celery", verb="tests.cast"):
            by = service_account()
            RoleGrant.objects.bulk_create([RoleGrant(user=user, role=role, granted_by=by) for role in roles])
        Acknowledgement.objects.create(person=user, statement=current_statement())
    for role in roles:
        qualify(username, signing_code(role))
    if SIGNING_ROLES.intersection(roles):
        verify(user)
    return user


def grant(username: str, role: str) -> RoleGrant:
    """One role more, as the system administrator gives it."""
    user, root = person(username), person("root")
    with acting(actor="root", verb="tests.cast"):
        return RoleGrant.objects.create(user=user, role=role, granted_by=root)


def verify(user: User) -> None:
    root = person("root")
    with acting(actor="root", verb="tests.cast"):
        IdentityVerification.objects.create(
            person=user, printed_name=user.printed_name, document="passport", verified_by=root
        )


def qualify(username: str, code: str) -> Qualification:
    """Trained yesterday, for a year."""
    with acting(actor="tests", verb="tests.cast"):
        return Qualification.objects.create(
            person=person(username),
            code=code,
            from_date=facility_today() - timedelta(days=1),
            until_date=facility_today() + timedelta(days=365),
            given_by=service_account(),
            reason="Trained for the tests",
        )
