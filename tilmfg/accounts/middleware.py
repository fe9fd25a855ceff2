"""How long a session lasts."""

import time

from django.conf import settings
from django.contrib.auth import logout

from .sessions import SIGNED_IN_AT


class SessionLimits:
    """Fifteen minutes without a request, twelve hours altogether; both counted here, not in the browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            left = request.session.get(SIGNED_IN_AT, 0) + settings.TILMFG_LONGEST_SESSION - time.time()
            if left > 0:
                request.session.set_expiry(int(min(left, settings.SESSION_COOKIE_AGE)) or 1)
            else:
                logout(request)
        return self.get_response(request)
