"""Who may open a page, and who must prove themselves on it. Whether a person may act is asked again by the verb."""

import functools
from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied

from tilmfg.records.idempotency import is_answered

from .passkeys import Answer
from .proof import Proof, prove_second_person, prove_signer
from .roles import Role
from .sessions import ASKED_OF_PASSKEY, note_signing, signs_on, take_asked

FACTORS = ("one_time_code", "passkey")


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


def asked_by_itself(view):
    """A page asks this again and again, whether anybody sits before it or not: it keeps no session alive."""
    view.asked_by_itself = True
    return view


def proves_signer(view):
    """What is sent is signed: `request.proof` says whether it is really who is signed in. Stands above `@once`."""
    return _proves(
        view, ("password",), prove_signer_of, asks_code=lambda request: not signs_on(request.session)
    )


def proves_all(view):
    """What is sent changes how somebody proves themselves: all of it is asked for, whatever was signed before."""
    return _proves(view, ("password",), prove_all_of, asks_code=lambda request: True)


def proves_second_person(view):
    """What is sent names a second person: `request.proof` says whether they stand there. Stands above `@once`."""
    return _proves(view, ("second_username", "second_password"), prove_second_person_of)


def prove_signer_of(request):
    """All of it at the first signing of a session, the password alone after that (21 CFR 11.200)."""
    if signs_on(request.session):
        return prove_signer(password=request.POST["password"], by=request.user)
    proof = prove_all_of(request)
    if proof.is_accepted:
        note_signing(request.session)
        return replace(proof, asks_code=False)
    return proof


def prove_all_of(request):
    proof = prove_signer(
        password=request.POST["password"], by=request.user, **factor_in(request, request.user)
    )
    return replace(proof, asks_code=True)


def factor_in(request, person):
    """The second factor as this form brings it. What a passkey was asked counts for this one answer."""
    if answer := request.POST.get("passkey"):
        return {"passkey": Answer(answer, take_asked(request.session, ASKED_OF_PASSKEY, person=person))}
    return {"code": request.POST.get("one_time_code", "")}


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
        given = request.method == "POST" and all(request.POST.get(name) for name in secrets)
        if asks:
            given = given and any(request.POST.get(name) for name in FACTORS)
        proof = prove(request) if given and not is_answered(request) else Proof(asks_code=asks)
        request.proof = replace(proof, takes_passkey=proof.asks_code and request.user.has_passkey)
        return view(request, *args, **kwargs)

    return wrapped
