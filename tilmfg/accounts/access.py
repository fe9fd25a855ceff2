"""Who may open a page, and who must prove themselves on it. Whether a person may act is asked again by the verb."""

import functools
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from tilmfg.records.idempotency import is_answered

from .proof import Proof, prove_second_person, prove_signer
from .roles import Role
from .sessions import note_signing, signs_on


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
    return _proves(
        view, ("password",), prove_signer_of, asks_code=lambda request: not signs_on(request.session)
    )


def proves_second_person(view):
    """What is sent names a second person: `request.proof` says whether they stand there. Stands above `@once`."""
    return _proves(view, ("second_username", "second_password"), prove_second_person_of)


def prove_signer_of(request):
    """All of it at the first signing of a session, the password alone after that (21 CFR 11.200)."""
    password, code = request.POST["password"], request.POST.get("one_time_code", "")
    if signs_on(request.session):
        return prove_signer(password=password, by=request.user)
    proof = prove_signer(password=password, code=code, by=request.user)
    if proof.is_accepted:
        note_signing(request.session)
        return proof
    return replace(proof, asks_code=True)


def prove_second_person_of(request):
    name, password = request.POST["second_username"], request.POST["second_password"]
    return prove_second_person(name=name, password=password, by=request.user)


def _proves(view, secrets, prove, *, asks_code=lambda request: False):
    """A try must outlive the refusal of the form, so it comes before the form's transaction; a form that is sent
    again was proved already."""
    if not getattr(view, "is_once", False):
        raise TypeError(f"{view.__qualname__}: proof stands above @once")

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        asks = asks_code(request)
        wanted = (*secrets, "one_time_code") if asks else secrets
        given = request.method == "POST" and all(request.POST.get(name) for name in wanted)
        request.proof = prove(request) if given and not is_answered(request) else Proof(asks_code=asks)
        return view(request, *args, **kwargs)

    return wrapped
