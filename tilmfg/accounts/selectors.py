"""Questions about people and their accounts."""

from django.db.models import Exists, OuterRef, Prefetch

from .models import Lock, RoleGrant, User


def people():
    """Everybody who is or was here, with the roles they hold, active ones first."""
    held = Prefetch("role_grants", RoleGrant.objects.filter(revoked_at=None).order_by("role"), to_attr="held")
    locked = Exists(Lock.objects.filter(user=OuterRef("pk"), unlocked_at=None))
    found = User.objects.filter(is_service=False).prefetch_related(held).annotate(locked=locked)
    return found.order_by("-is_active", "printed_name", "id")


def locked_accounts():
    return Lock.objects.filter(unlocked_at=None)
