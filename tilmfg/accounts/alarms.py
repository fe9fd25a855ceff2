"""What administrators are told at once, wherever they are: by mail, to the addresses of TILMFG_ALARMS_TO."""

from datetime import UTC
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from tilmfg.records.days import facility_zone
from tilmfg.records.words import in_a_sentence

from .models import Lock

WORDS = """\
The account of {who} was locked after five wrong tries in a row.

When:     {utc} UTC ({here})
The last: {purpose}

Somebody may be guessing. Find out who it was, with {name} and not by mail; only then unlock the account:
{address}
"""


class UnableToMail(Exception):
    """There is nobody to send to, or nothing to send by."""


def mail_lock(lock: Lock) -> None:
    """Sent once more after a crash at the wrong moment, it is still the same message to a mail program."""
    if not settings.TILMFG_ALARMS_TO:
        raise UnableToMail("TILMFG_MAIL_URL, TILMFG_MAIL_FROM and TILMFG_ALARMS_TO are not set.")
    person, origin = lock.user, settings.TILMFG_ORIGIN
    message = EmailMessage(
        subject=f"[tilmfg] Account {person.username} is locked",
        body=WORDS.format(
            who=f"{person.printed_name} ({person.username})",
            name=person.printed_name,
            utc=f"{lock.locked_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            here=f"{lock.locked_at.astimezone(facility_zone()):%Y-%m-%d %H:%M:%S %Z}",
            purpose=in_a_sentence(lock.attempt.get_purpose_display()),
            address=origin + reverse("person_unlock", args=[person.username]),
        ),
        to=settings.TILMFG_ALARMS_TO,
        headers={
            "Message-ID": f"<lock-{lock.pk}@{urlsplit(origin).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.send()
