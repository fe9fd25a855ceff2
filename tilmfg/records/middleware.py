"""The edge: each request gets an id that its audit events and its lines in the log carry; refusals become pages."""

import time
import uuid

import structlog
from django.http import Http404
from django.shortcuts import render

from .context import begin_edge, end_edge
from .errors import NotAuthorised

log = structlog.get_logger()
ASKED_ALL_THE_TIME = "healthz"


class RequestId:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = str(uuid.uuid4())
        begin_edge(request.id)
        begun = time.monotonic()
        try:
            response = self.get_response(request)
            tell(request, response, ms=round((time.monotonic() - begun) * 1000))
        finally:
            end_edge()
        response["X-Request-Id"] = request.id
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, NotAuthorised):
            return render(request, "403.html", {"exception": str(exception)}, status=403)
        return None


def tell(request, response, *, ms):
    """Of the address its pattern: what stands in its places somebody may have typed."""
    route = getattr(request.resolver_match, "route", "")
    is_noise = route == ASKED_ALL_THE_TIME and response.status_code == 200
    write = log.debug if is_noise else log.info
    write("request.answered", method=request.method, route=route, status=response.status_code, ms=ms)


class WrittenAddresses:
    """No record is called by a NUL, which no text in the database holds, nor by more than FirstAnswer keeps."""

    LONGEST = 400

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404("No address contains a NUL.")
        if len(request.path) > self.LONGEST:
            raise Http404(f"No address is longer than {self.LONGEST} characters.")
        return self.get_response(request)
