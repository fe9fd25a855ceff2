"""Who may open a page, and who must prove themselves on it. Whether a person may act is asked again by the verb."""

import functools

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from tilmfg.records.idempotency import is_answered

from .proof import Proof, prove_second_person, prove_signer
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


def proves_signer(view):
    """What is sent is signed: `request.proof` says whether it is really who is signed in. Stands above `@once`."""
    return _proves(view, "password", lambda request: prove_signer(
        password=request.POST["password"], by=request.user
    ))  # fmt: skip


def proves_second_person(view):
    """What is sent names a second person: `request.proof` says whether they stand there. Stands above `@once`."""
    return _proves(view, "second_password", lambda request: prove_second_person(
        name=request.POST.get("second_username", ""), password=request.POST["second_password"], by=request.user
    ))  # fmt: skip


def _proves(view, secret, prove):
    """A try must outlive the refusal of the form, so it comes before the form's transaction; a form that is sent
    again was proved already."""
    if not getattr(view, "is_once", False):
        raise TypeError(f"{view.__qualname__}: proof stands above @once")

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        asked = request.method == "POST" and request.POST.get(secret) and not is_answered(request)
        request.proof = prove(request) if asked else Proof()
        return view(request, *args, **kwargs)

    return wrapped
