"""The edge: each request gets an id that its audit events carry, and refusals become pages."""

import uuid

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
