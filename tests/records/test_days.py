"""The facility's evening is the next day in UTC, and a page may be shown in a zone further away still."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from tilmfg.records.days import facility_day, facility_today

EVENING = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # half past nine of 1 March in New York


@pytest.mark.parametrize("shown_in", ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland"])
def test_a_day_is_the_facilitys_whatever_zone_a_page_is_shown_in(shown_in):
    with time_machine.travel(EVENING, tick=False), timezone.override(shown_in):
        assert facility_today() == facility_day(EVENING) == date(2026, 3, 1)
