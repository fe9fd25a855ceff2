"""The cast of the demonstration facility."""

import time
from datetime import timedelta

from tilmfg.accounts import codes
from tilmfg.accounts.models import Authenticator, User
from tilmfg.accounts.proof import Proof, prove_signer
from tilmfg.accounts.roles import Role, signing_code
from tilmfg.accounts.services import (
    acknowledge_statement,
    add_authenticator,
    furnish_pin,
    give_qualification,
    issue_badge,
    register_user,
    service_account,
    verify_identity,
)
from tilmfg.accounts.training import current_statement
from tilmfg.records.days import facility_today

PASSWORD = "demonstration only"  # noqa: S105 - printed at every start; nobody's but the invented people's

CAST = (
    ("adam", "Adam Verhoeven", Role.IDENTITY_ADMINISTRATOR),
    ("olga", "Olga Petrova", Role.TECHNICIAN),
    ("tomas", "Tomás Herrera", Role.TECHNICIAN),
    ("ana", "Ana Lindqvist", Role.ANALYST),
    ("ines", "Inês Carvalho", Role.ANALYST),
    ("quinn", "Quinn O’Hara", Role.QA_REVIEWER),
    ("rosa", "Rosa Almeida", Role.QA_APPROVER),
    ("sam", "Sam Whitfield", Role.SITE),
    ("nora", "Nora Blake", Role.SITE),
    ("vera", "Vera Sokolova", Role.AUDITOR),
    ("root", "Ruth Ottesen", Role.SYSTEM_ADMINISTRATOR),
)
BADGES, PIN = ("olga", "tomas"), "271828"  # scanned or typed on the lock screen of a registered tablet
SIGNERS = (Role.ANALYST, Role.QA_REVIEWER, Role.QA_APPROVER)


def register_cast() -> dict[str, User]:
    by = service_account()
    cast = {
        username: register_user(
            username=username, printed_name=printed_name, roles=(role,), password=PASSWORD, by=by
        )
        for username, printed_name, role in CAST
    }
    for username, person in cast.items():
        verifier = cast["rosa" if username == "root" else "root"]
        verify_identity(person=person, document="passport", by=verifier)
        sealed = codes.new_secret()
        add_authenticator(sealed=sealed, code=code_of(sealed), by=person)
        acknowledge_statement(version=current_statement().version, by=person)
    for username in BADGES:
        issue_badge(user=cast[username], code=badge_of(username), reason="Works in the clean room", by=by)
        furnish_pin(user=cast[username], pin=PIN, by=by)
    for username, _, role in CAST:
        if role in SIGNERS:
            qualify(cast, username, signing_code(role))
    return cast


def qualify(cast: dict[str, User], username: str, code: str) -> None:
    """For two years, by one of QA who is not the person."""
    give_qualification(
        person=cast[username],
        code=code,
        from_date=facility_today() - timedelta(days=1),
        until_date=facility_today() + timedelta(days=730),
        reason="Training completed and examined, record kept on paper",
        by=cast["rosa" if username == "quinn" else "quinn"],
    )


def badge_of(username: str) -> str:
    """What is printed on it."""
    return f"BADGE-{username.upper()}"


def code_of(sealed: str) -> str:
    """What the invented person's app shows."""
    return codes.code_at(sealed, int(time.time() // codes.STEP_SECONDS)).decode()


def next_code(username: str) -> str:
    """A code counts once: if this half minute's is used, the next one, as soon as it is there."""
    held = Authenticator.objects.get(user__username=username, removed_at=None)
    time.sleep(max(0, (held.last_step + 1) * codes.STEP_SECONDS - time.time()))
    return code_of(held.sealed)


def signs(person: User) -> Proof:
    """The invented person types the password."""
    return prove_signer(password=PASSWORD, by=person)


def in_words() -> str:
    """The accounts as they are printed at the start of the demonstration."""
    lines = [f"    {username:<6} {Role(role).label}" for username, _, role in CAST]
    return "\n".join(
        [
            f"Demonstration accounts, all with the password “{PASSWORD}”;",
            "script/code NAME says the code that their authenticator shows:",
            *lines,
            f"Badges: {' and '.join(map(badge_of, BADGES))}, PIN {PIN}, on a tablet that root registered.",
        ]
    )
