"""The tablet that a request comes from, by the secret that its browser keeps."""

from django.conf import settings
from django.db.models.functions import Now

from . import codes
from .models import Device, Presence
from .proof import PRESENT

A_YEAR_SECONDS = 365 * 24 * 3600
ON_TABLET = "on_tablet"  # in a session: its person may lock the screen


def tablet_of(request) -> Device | None:
    token = request.COOKIES.get(settings.TILMFG_DEVICE_COOKIE, "")
    return Device.objects.filter(digest=codes.digest_of(token), withdrawn_at=None).first() if token else None


def remember(response, token: str) -> None:
    """Out of reach of scripts and of other sites; by TLS only, as the session is."""
    response.set_cookie(
        settings.TILMFG_DEVICE_COOKIE,
        token,
        max_age=A_YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def people_present(device: Device) -> list[str]:
    """Whose badge may open the tablet now, by name; whether it does is asked when it is scanned."""
    lasting = Presence.objects.filter(device=device, ended_at=None, began_at__gt=Now() - PRESENT)
    found = lasting.select_related("user").order_by("user__printed_name")
    return list(dict.fromkeys(presence.user.printed_name for presence in found))
