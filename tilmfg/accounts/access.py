"""Who may open a page. Whether a person may act is asked again by the verb."""

import functools

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from .roles import Role


def open_to(*roles):
    """The page is for people with one of these roles; anonymous visitors are sent to sign in."""

    def declare(view):
        @login_required
        @functools.wraps(view)
        def wrapped(request, *args, **kwargs):
            if not request.user.holds(*roles):
                raise PermissionDenied(
                    "This page is for: " + ", ".join(Role(role).label for role in roles) + "."
                )
            return view(request, *args, **kwargs)

        return wrapped

    return declare
