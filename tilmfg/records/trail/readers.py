"""Who reads the audit trail."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

# Role values, not the enum: the ground does not know the room above it.
READERS = ("qa_reviewer", "qa_approver", "identity_administrator", "auditor", "system_administrator")


def may_read(user) -> bool:
    return user.is_authenticated and user.holds(*READERS)


def for_readers(view):
    """The page is for readers of the trail; anonymous visitors are sent to sign in."""

    @login_required
    def wrapped(request, *args, **kwargs):
        if not may_read(request.user):
            raise PermissionDenied(
                "The audit trail is read by QA, identity administrators, auditors and system administrators."
            )
        return view(request, *args, **kwargs)

    return wrapped
