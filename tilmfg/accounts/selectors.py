"""Questions about people and their accounts."""

from django.db.models import Exists, OuterRef, Prefetch, Q

from .models import Lock, Qualification, RoleGrant, User
from .standing import accounts, due_for_review, with_standing

BY_NAME = ("printed_name", "pk")
LONGEST_UNREVIEWED = ("counted_from", "pk")
HELD = Prefetch("role_grants", RoleGrant.objects.filter(revoked_at=None).order_by("role"), to_attr="held")


def people(*, active: bool, text: str = ""):
    """Everybody who is here or, if not `active`, was here, with the roles they hold; to be paged along BY_NAME."""
    locked = Exists(Lock.objects.filter(user=OuterRef("pk"), unlocked_at=None))
    found = User.objects.filter(is_service=False, is_active=active).prefetch_related(HELD)
    return with_standing(found.filter(_named(text)).annotate(locked=locked))


def _named(text: str) -> Q:
    return Q(printed_name__icontains=text) | Q(username__icontains=text)


def trained(*, text: str = ""):
    """Everybody who is here and holds a qualification; to be paged along BY_NAME."""
    held = Qualification.objects.filter(person=OuterRef("pk"), revoked_at=None)
    return User.objects.filter(_named(text), Exists(held), is_active=True)


def reviewable(*, due: bool):
    """Everybody whose account is reviewed or, if `due`, should be now; to be paged along LONGEST_UNREVIEWED."""
    return (due_for_review() if due else accounts()).prefetch_related(HELD)


def locked_accounts():
    return Lock.objects.filter(unlocked_at=None)
