"""The facility's calendar. A day begins and ends where its clocks hang, whatever zone a page is shown in.

An expiry, a day of the process and an effective date must read the same to a page, a worker and a command: the
record that one person signs is compared with the record the next one sees.
"""

from datetime import date, datetime, tzinfo

from django.utils import timezone


def facility_zone() -> tzinfo:
    return timezone.get_default_timezone()


def facility_today() -> date:
    return timezone.localdate(timezone=facility_zone())


def facility_day(moment: datetime) -> date:
    return timezone.localdate(moment, timezone=facility_zone())
