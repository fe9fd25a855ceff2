"""What the frame around every page needs to know."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from .rooms import rooms_for


def shell(request):
    now = timezone.now()
    frame: dict[str, Any] = {
        "demonstration": getattr(settings, "DEMONSTRATION", False),
        "facility_now": now,
        "facility_zone": timezone.get_current_timezone_name(),
        "facility_clock_differs_from_utc": bool(_offset(now)),
        "rooms": [],
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        frame |= {
            "rooms": rooms_for(user, request.path),
            "session_seconds": request.session.get_expiry_age(),
        }
    return frame


def _offset(now: datetime):
    return timezone.localtime(now).utcoffset()
