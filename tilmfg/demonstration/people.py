"""The cast of the demonstration facility."""

from tilmfg.accounts.models import User
from tilmfg.accounts.proof import Proof, prove_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import register_user, service_account

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
)


def register_cast() -> dict[str, User]:
    by = service_account()
    return {
        username: register_user(
            username=username, printed_name=printed_name, roles=(role,), password=PASSWORD, by=by
        )
        for username, printed_name, role in CAST
    }


def signs(person: User) -> Proof:
    """The invented person types the password."""
    return prove_signer(password=PASSWORD, by=person)


def in_words() -> str:
    """The accounts as they are printed at the start of the demonstration."""
    lines = [f"    {username:<6} {Role(role).label}" for username, _, role in CAST]
    return "\n".join([f"Demonstration accounts, all with the password “{PASSWORD}”:", *lines])
