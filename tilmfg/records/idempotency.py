"""A form or call sent twice is done once: the repeat is given the first answer.

The key stands for what was sent with it. The same key with another content is no repeat: it is refused, and the
person is told where the first one led.
"""

import functools
import hashlib
import json
import uuid

from django.db import transaction
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from .left_on_record import do_what_was_left, left_to_the_end
from .models import FirstAnswer
from .retry import retried

FIELD, HEADER = "idempotency_key", "Idempotency-Key"
OF_THE_PAGE = (FIELD, "csrfmiddlewaretoken")
# Not compared: whoever sends a form again could try passwords out on the answer, uncounted.
SECRETS = (
    "password",
    "one_time_code",
    "passkey",
    "second_password",
    "new_password",
    "again",
    "pin",
    "pin_again",
)


def once(view):
    """Wrap a view that writes: key, write and answer commit together; an answer that is no redirect is not kept.

    A repeat that arrives while the first is still at work waits on the key's unique index for its answer.
    """

    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return view(request, *args, **kwargs)
        key = key_of(request)
        if key is None:
            return HttpResponseBadRequest(
                "This form carries no idempotency key; reload the page and send it again."
            )

        def attempt():
            with left_to_the_end():
                return first_answer(request, key, lambda: view(request, *args, **kwargs))

        return retried(attempt, renew=lambda: rewind(request.FILES.values()))

    wrapped.is_once = True  # type: ignore[attr-defined]
    return wrapped


def is_answered(request):
    """Whether this form was sent before; what must happen only once per form, and before `once`, asks."""
    return FirstAnswer.objects.filter(key=key_of(request)).exists()


def key_of(request):
    """The key, or None if there is none that is one."""
    try:
        return uuid.UUID(request.headers.get(HEADER) or request.POST.get(FIELD, ""))
    except ValueError:
        return None


def first_answer(request, key, view):
    """The view's answer, or what it answered before."""
    with transaction.atomic():
        sent = {"user": request.user, "path": request.path, "fingerprint": fingerprint(request)}
        answer, first = FirstAnswer.objects.get_or_create(key=key, defaults=sent)
        if not first:
            return repeat(answer, request, sent["fingerprint"])
        response = view()
        if 300 <= response.status_code < 400:
            answer.status, answer.location = response.status_code, response["Location"]
            answer.save(update_fields=["status", "location"])
            do_what_was_left()
        else:
            transaction.set_rollback(True)
        return response


def rewind(files):
    """A try that was broken off had read them."""
    for file in files:
        file.seek(0)


def fingerprint(request):
    """Of every field and file sent but secrets; keyed, for it may stand for a patient. CSRF tokens differ."""
    fields = {
        name: request.POST.getlist(name) for name in request.POST if name not in (*OF_THE_PAGE, *SECRETS)
    }
    files = {name: [digest_of(file) for file in request.FILES.getlist(name)] for name in request.FILES}
    sent = json.dumps([fields, files], sort_keys=True)
    return salted_hmac("tilmfg.records.idempotency", sent, algorithm="sha256").hexdigest()


def digest_of(file):
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [file.name, digest.hexdigest()]


def repeat(answer, request, sent):
    """The first answer again, to the same person on the same page for the same content only."""
    if answer.user_id != request.user.pk or answer.path != request.path:
        return HttpResponseBadRequest("This idempotency key belongs to another form; reload the page.")
    if answer.fingerprint != sent:
        return render(request, "records/sent_before.html", {"answer": answer}, status=409)
    return HttpResponse(status=answer.status, headers={"Location": answer.location})
