"""Whoever is refused stays on record: who, which address, and what they would have had to be.

A burst must neither flood the trail nor hide in it. The first refusal of a person at an address is an event at once,
whatever follows within the same minute is counted, and the sum is told when the minute is over. Whoever tries one
address after the other is told of address by address up to a bound, then as one sum, too.
"""

import re
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F
from django.urls import ResolverMatch
from django.utils import timezone

from tilmfg.records.chains import find_chain
from tilmfg.records.context import acting
from tilmfg.records.events import publish
from tilmfg.records.models import Event
from tilmfg.records.retry import retried

from .models import Refusal, User
from .models.people import NOBODY
from .proof import KIND

CHAIN = "facility:refusals"
ADDRESSES_A_MINUTE = 20
OTHERS = "(other addresses)"
MINUTE = timedelta(minutes=1)


def address_of(match: ResolverMatch | None) -> str:
    """What was asked for; a part that names nothing here was typed, and may name a patient."""
    if match is None:
        return "(no page)"
    parts = {name: _part(value) for name, value in match.kwargs.items()}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts.get(part[1]) or f"<{part[1]}>", match.route)


def _part(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_known = (":" not in text and find_chain(text)) or User.objects.filter(username=text).exists()
    return text if is_known else ""


def note_refusal(*, method: str, address: str, because: str, by: User | None) -> None:
    """Call outside the transaction that was refused: that one is rolled back."""
    minute = timezone.now().replace(second=0, microsecond=0)
    retried(lambda: _note(minute, method[:10], address, because, by))


def _note(minute: datetime, method: str, address: str, because: str, by: User | None) -> None:
    with acting(actor=by.username if by else NOBODY, verb="accounts.user.refuse"):
        counted = Refusal.objects.filter(user=by, minute=minute)
        known = counted.filter(method=method, address=address).exists()
        if not known and counted.count() >= ADDRESSES_A_MINUTE:
            method, address = "", OTHERS
        row, is_first = counted.get_or_create(
            method=method, address=address, defaults={"user": by, "minute": minute}
        )
        if is_first:
            _tell("accounts.user.refused", row, by=by, because=because)
        else:
            counted.filter(pk=row.pk).update(times=F("times") + 1)


def tell_bursts() -> None:
    """The sums of minutes that are over."""
    over = Refusal.objects.filter(times__gt=F("told"), minute__lte=timezone.now() - 2 * MINUTE)
    for pk in over.values_list("pk", flat=True):
        retried(partial(_tell_burst, pk))


def _tell_burst(pk: int) -> None:
    counting = User.objects.service_account()
    with acting(actor=counting.username, verb="accounts.user.count_refusals"):
        row = Refusal.objects.select_for_update().get(pk=pk)
        if row.times > row.told:
            row.told = row.times
            row.save(update_fields=["told"])
            minute = row.minute.isoformat()
            _tell("accounts.user.refused_often", row, by=counting, times=row.times, within_the_minute=minute)


def _tell(name: str, row: Refusal, *, by: User | None, **details: object) -> Event:
    whom = row.user or User.objects.service_account()  # an event is always somebody's; the trail says whose
    details = {"method": row.method, "address": row.address} | details
    if row.user is None:
        details["who"] = NOBODY
    return publish(name, subject=whom, kind=KIND, chain=CHAIN, by=by or whom, details=details)
