"""Secrets of people, sealed anew when the key was changed."""

from tilmfg.records.errors import UnableTo
from tilmfg.records.reasons import stated

from .. import codes
from ..models import Authenticator, User
from ..verbs import verb


class UnableToReseal(UnableTo):
    """The authenticators stay under the older key."""


@verb("accounts.authenticator.reseal", service=True)
def reseal_authenticators(*, reason: str, by: User) -> int:
    """Those in use under the newest key; how many were not. What was removed opens nothing, and stays as it is."""
    stated(reason, UnableToReseal, what="why the key was changed")
    changed = 0
    for authenticator in Authenticator.objects.select_for_update().filter(removed_at=None).order_by("pk"):
        sealed = codes.seal_anew(authenticator.sealed)
        if sealed != authenticator.sealed:
            authenticator.sealed = sealed
            authenticator.save(update_fields=["sealed"])
            changed += 1
    return changed
