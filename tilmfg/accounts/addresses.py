"""Where a request comes from, as far as that can be known, and when an address has guessed enough.

The lock of an account stands against guessing at one name; this stands against trying one name after the other. The
limit is generous, because a whole floor may share one address. See decisions/0006.
"""

import functools
from datetime import timedelta
from ipaddress import ip_address

from django.conf import settings
from django.db.models.functions import Now
from django.shortcuts import render

from .models import Attempt
from .refusals import note_refusal

WRONG_TRIES, MINUTES = 30, 5
SIGNING_IN = (Attempt.Purpose.SIGN_IN, Attempt.Purpose.INVITATION)
WRONG = (
    Attempt.Outcome.WRONG_PASSWORD,
    Attempt.Outcome.WRONG_CODE,
    Attempt.Outcome.WRONG_PASSKEY,
    Attempt.Outcome.UNKNOWN,
    Attempt.Outcome.LOCKED,
)


def address_of(request) -> str | None:
    """The proxy's last word on who asked it, which nobody but the proxy wrote; without a proxy, the connection's."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.TILMFG_BEHIND_PROXY else ""
    address = (told.rpartition(",")[2] or request.META.get("REMOTE_ADDR", "")).strip()
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def has_guessed_enough(address: str | None) -> bool:
    wrong = Attempt.objects.filter(
        address=address,
        recorded_at__gt=Now() - timedelta(minutes=MINUTES),
        purpose__in=SIGNING_IN,
        outcome__in=WRONG,
    )
    return address is not None and wrong.count() >= WRONG_TRIES


def throttled(view):
    """A page where somebody who is not signed in gives a name or a secret: nothing is compared while it waits."""

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        address = address_of(request)
        if request.method != "POST" or not has_guessed_enough(address):
            return view(request, *args, **kwargs)
        because = f"{WRONG_TRIES} wrong tries within {MINUTES} minutes from {address}"
        note_refusal(method=request.method, address=request.path, because=because, by=None)
        context = {"tries": WRONG_TRIES, "minutes": MINUTES}
        response = render(request, "accounts/guessed_enough.html", context, status=429)
        response["Retry-After"] = str(MINUTES * 60)
        return response

    return wrapped
