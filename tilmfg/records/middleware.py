"""The edge: each request gets an id that its audit events carry, and refusals become pages."""

import uuid

from django.http import Http404
from django.shortcuts import render

from .context import request_id
from .errors import NotAuthorised


class RequestId:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = str(uuid.uuid4())
        token = request_id.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-Id"] = request.id
        return response

    def process_exception(self, request, exception):
        if isinstance(exception, NotAuthorised):
            return render(request, "403.html", {"exception": str(exception)}, status=403)
        return None


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
