"""Times are typed and shown in the facility's time zone, unless a page says otherwise."""

from django.conf import settings
from django.utils import timezone


class FacilityTime:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with timezone.override(settings.TILMFG_TIME_ZONE):
            return self.get_response(request)
