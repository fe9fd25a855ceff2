"""The verbs about people."""

from tilmfg.records.errors import UnableTo, require

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


class UnableToActTogether(UnableTo):
    """The second person was not accepted."""


def second_person(*, username: str, password: str, roles: tuple[Role, ...], first: User) -> User:
    """The person who stands beside the first one, proved by a secret of their own; the first one's session stays."""
    second = User.objects.filter(username=username.strip().lower(), is_service=False).first()
    if second is None or not second.is_active or not second.check_password(password):
        raise UnableToActTogether(
            "Name and password of the second person do not fit.", field="second_password"
        )
    require(
        second.pk != first.pk,
        UnableToActTogether("The second person must be somebody else than you.", field="second_username"),
    )
    wanted = " or ".join(Role(role).label.lower() for role in roles)
    require(
        second.holds(*roles),
        UnableToActTogether(f"{second.printed_name} is not a {wanted}.", field="second_username"),
    )
    return second
