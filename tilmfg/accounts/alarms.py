"""What administrators are told at once, wherever they are: by mail, to the addresses of TILMFG_ALARMS_TO."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from tilmfg.records.days import facility_day, facility_zone
from tilmfg.records.words import in_a_sentence

from .guards import REVIEW_DUE_AFTER_DAYS, SIGNS_UNREVIEWED_DAYS
from .models import Lock
from .standing import Term

WORDS = """\
The account of {who} was locked after five wrong tries in a row.

When:     {utc} UTC ({here})
The last: {purpose}

Somebody may be guessing. Find out who it was, with {name} and not by mail; only then unlock the account:
{address}
"""


DUE = """\
These accounts were not reviewed for {after} days or longer. After {blocked} days their owners sign nothing:

{lines}

Look whether each of these people is still here and needs their roles; confirm or revoke:
{address}
"""
MAILED_AT_MOST = 50


class UnableToMail(Exception):
    """There is nobody to send to, or nothing to send by."""


def mail_lock(lock: Lock) -> None:
    """Sent once more after a crash at the wrong moment, it is still the same message to a mail program."""
    person = lock.user
    _mail(
        f"Account {person.username} is locked",
        WORDS.format(
            who=f"{person.printed_name} ({person.username})",
            name=person.printed_name,
            utc=f"{lock.locked_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            here=f"{lock.locked_at.astimezone(facility_zone()):%Y-%m-%d %H:%M:%S %Z}",
            purpose=in_a_sentence(lock.attempt.get_purpose_display()),
            address=settings.TILMFG_ORIGIN + reverse("person_unlock", args=[person.username]),
        ),
        key=f"lock-{lock.pk}",
    )


def mail_reviews(due: Sequence[Any], *, monday: str) -> None:
    """Whose account waits for review, the longest first; nothing if all were reviewed meanwhile."""
    if not due:
        return
    lines = [
        f"  {person.printed_name} ({person.username}), last reviewed or registered "
        f"{facility_day(person.counted_from)}, signs until {Term(person.counted_from).last_date}"
        for person in due[:MAILED_AT_MOST]
    ]
    if len(due) > MAILED_AT_MOST:
        lines.append(f"  and {len(due) - MAILED_AT_MOST} more")
    _mail(
        f"{len(due)} {'account is' if len(due) == 1 else 'accounts are'} due for review",
        DUE.format(
            after=REVIEW_DUE_AFTER_DAYS,
            blocked=SIGNS_UNREVIEWED_DAYS,
            lines="\n".join(lines),
            address=settings.TILMFG_ORIGIN + reverse("account_reviews"),
        ),
        key=f"reviews-{monday}",
    )


def _mail(subject: str, body: str, *, key: str) -> None:
    if not settings.TILMFG_ALARMS_TO:
        raise UnableToMail("TILMFG_MAIL_URL, TILMFG_MAIL_FROM and TILMFG_ALARMS_TO are not set.")
    message = EmailMessage(
        subject=f"[tilmfg] {subject}",
        body=body,
        to=settings.TILMFG_ALARMS_TO,
        headers={
            "Message-ID": f"<{key}@{urlsplit(settings.TILMFG_ORIGIN).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.send()
