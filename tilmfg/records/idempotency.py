"""A form or call sent twice is done once: the repeat is given the first answer."""

import functools
import uuid

from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest

from .models import FirstAnswer
from .retry import retried

FIELD, HEADER = "idempotency_key", "Idempotency-Key"


def once(view):
    """Wrap a view that writes: key, write and answer commit together; an answer that is no redirect is not kept.

    A repeat that arrives while the first is still at work waits on the key's unique index for its answer.
    """

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return view(request, *args, **kwargs)
        try:
            key = uuid.UUID(request.headers.get(HEADER) or request.POST.get(FIELD, ""))
        except ValueError:
            return HttpResponseBadRequest(
                "This form carries no idempotency key; reload the page and send it again."
            )
        return retried(
            lambda: first_answer(request, key, lambda: view(request, *args, **kwargs)),
            renew=lambda: rewind(request.FILES.values()),
        )

    return wrapped


def first_answer(request, key, view):
    """The view's answer, or what it answered before."""
    with transaction.atomic():
        answer, first = FirstAnswer.objects.get_or_create(
            key=key, defaults={"user": request.user, "path": request.path}
        )
        if not first:
            return repeat(answer, request)
        response = view()
        if 300 <= response.status_code < 400:
            answer.status, answer.location = response.status_code, response["Location"]
            answer.save(update_fields=["status", "location"])
        else:
            transaction.set_rollback(True)
        return response


def rewind(files):
    """A try that was broken off had read them."""
    for file in files:
        file.seek(0)


def repeat(answer, request):
    """The first answer again, to the same person on the same page only."""
    if answer.user_id != request.user.pk or answer.path != request.path:
        return HttpResponseBadRequest("This idempotency key belongs to another form; reload the page.")
    return HttpResponse(status=answer.status, headers={"Location": answer.location})
