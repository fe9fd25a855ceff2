"""What a session remembers besides its person, and how all sessions of a person end."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models import F
from django.dispatch import receiver

from . import codes
from .models import User
from .passkeys import LASTS_SECONDS

SIGNED_IN_AT, SEEN_AT, SIGNED_WITH_ALL = "signed_in_at", "seen_at", "signed_with_all"
ASKED_OF_PASSKEY, ASKED_FOR_PASSKEY = "asked_of_passkey", "asked_for_passkey"


@receiver(user_logged_in)
def note_the_time(sender, request, **kwargs):
    request.session[SIGNED_IN_AT] = time.time()


def signs_on(session) -> bool:
    """Whether somebody signed in this session before, with all they have to prove themselves with."""
    return SIGNED_WITH_ALL in session


def note_signing(session) -> None:
    session[SIGNED_WITH_ALL] = True


def show_once(session, name: str, text: str) -> None:
    """What the next page shows and no other: the session lies in the database, so it is sealed."""
    session[name] = codes.seal(text)


def shown_once(session, name: str) -> str:
    sealed = session.pop(name, "")
    return codes.unseal(sealed) if sealed else ""


def note_asked(session, what: str, asked: dict[str, Any], *, person: User) -> None:
    """What this browser is asked about a passkey; the last question alone is open."""
    session[what] = {"asked": asked, "person": person.pk, "at": time.time()}


def take_asked(session, what: str, *, person: User) -> dict[str, Any] | None:
    """What was asked, for this one answer."""
    asked = still_asked(session, what, person=person)
    session.pop(what, None)
    return asked


def still_asked(session, what: str, *, person: User) -> dict[str, Any] | None:
    """None if nothing was, or somebody else, or too long ago."""
    noted = session.get(what)
    if not noted or noted["person"] != person.pk or time.time() - noted["at"] > LASTS_SECONDS:
        return None
    return noted["asked"]


def end_sessions(person: User) -> None:
    """Wherever the person is signed in, the next request is nobody's. Call inside a verb."""
    User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    person.refresh_from_db(fields=["session_epoch"])
