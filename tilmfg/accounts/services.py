"""The verbs about people."""

from .models import RoleGrant, User
from .roles import Role
from .verbs import verb

SERVICE_ACCOUNT = "celery"


def service_account() -> User:
    """Whom automation acts as."""
    return User.objects.get(username=SERVICE_ACCOUNT)


@verb("accounts.user.register", roles=(Role.SYSTEM_ADMINISTRATOR,), service=True)
def register_user(
    *, username: str, printed_name: str, roles: tuple[Role, ...], password: str, by: User
) -> User:
    user = User(username=username.strip().lower(), printed_name=printed_name.strip())
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role=role, granted_by=by) for role in roles])
    return user
