"""How much a request may bring. What is more is refused by what it announces, before a byte of it is read.

What is read is kept in memory (`MemoryFileUploadHandler` is the only handler): no file of an instrument, which may name
a patient, lies in a temporary folder.
"""

from http import HTTPStatus

from django.conf import settings
from django.shortcuts import render


class BoundedBodies:
    """The bound of the proxy (Caddyfile) once more, for whoever reaches the web without it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return refuse(request, HTTPStatus.LENGTH_REQUIRED, announced=None)
        announced = int(request.META.get("CONTENT_LENGTH") or 0)  # the server let nothing else through
        if announced > settings.TILMFG_LARGEST_BODY:
            return refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, announced=announced)
        return self.get_response(request)


def refuse(request, status, *, announced):
    context = {"announced": announced and f"{announced:,}", "largest": f"{settings.TILMFG_LARGEST_BODY:,}"}
    return render(request, "413.html", context, status=status)
