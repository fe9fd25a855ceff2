"""How long a session lasts, and who was refused."""

import time
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from structlog.contextvars import bind_contextvars

from tilmfg.records.context import refused_because
from tilmfg.records.errors import NotAuthorised

from . import addresses
from .proof import client_address
from .refusals import address_of, note_refusal
from .sessions import SEEN_AT, SIGNED_IN_AT


class SessionLimits:
    """Fifteen minutes without a request, twelve hours altogether; both counted here, not in the browser.

    A page that asks by itself how far some work is does not make its person present.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            bind_contextvars(actor=request.user.username)
            if absolute_rest(request.session) <= 0:
                logout(request)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.user.is_authenticated:
            session, now = request.session, time.time()
            if not getattr(view, "asked_by_itself", False):
                session[SEEN_AT] = now
            idle = session.get(SEEN_AT, now) + settings.SESSION_COOKIE_AGE - now
            session.set_expiry(max(1, int(min(absolute_rest(session), idle))))


def absolute_rest(session):
    """Seconds until the longest session ends."""
    return session.get(SIGNED_IN_AT, 0) + settings.TILMFG_LONGEST_SESSION - time.time()


class ClientAddress:
    """Each try that a request makes is recorded with where it came from."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = client_address.set(addresses.address_of(request))
        try:
            return self.get_response(request)
        finally:
            client_address.reset(token)


class Refusals:
    """Whatever answers 403 - a page, a verb, the API, a form that is not ours - leaves one event on the trail.

    The address is recorded without what follows its question mark, where people type, and with those of its parts
    alone that name something here.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = refused_because.set("")
        try:
            response = self.get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN:
                note_refusal(
                    method=request.method,
                    address=address_of(request.resolver_match),
                    because=because_of(response),
                    by=request.user if request.user.is_authenticated else None,
                )
            return response
        finally:
            refused_because.reset(token)

    def process_exception(self, request, exception):
        if isinstance(exception, PermissionDenied | NotAuthorised):
            refused_because.set(str(exception))


def because_of(response):
    """In the words in which the person was told; the API has its own, and Django's are those of the status."""
    said = getattr(response, "data", None) or {}
    return str(said.get("detail") or refused_because.get() or response.reason_phrase)
