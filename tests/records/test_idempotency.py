"""A form sent twice is done once and answered the same."""

import uuid
from unittest.mock import ANY

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from tests.cast import person
from tilmfg.facility.models import Site
from tilmfg.records.context import acting
from tilmfg.records.idempotency import once
from tilmfg.records.models import FirstAnswer

pytestmark = pytest.mark.django_db


@once
def register_site(request):
    with acting(actor="tests", verb="tests.write"):
        site = Site.objects.create(code=request.POST["code"], name="x", time_zone="UTC")
    if request.after_commit:
        transaction.on_commit(request.after_commit)
    if request.POST.get("refuse"):
        return HttpResponse("refused", status=422)
    return HttpResponseRedirect(f"/sites/{site.pk}/")


def post(who="olga", path="/sites/", after_commit=None, **fields):
    request = RequestFactory().post(path, fields)
    request.after_commit = after_commit
    request.user = person(who)
    request.session = SessionStore()
    return register_site(request)


def sites():
    return list(Site.objects.values_list("code", flat=True))


def test_a_repeat_gets_the_first_answer_and_writes_nothing():
    """REL-05"""
    key = uuid.uuid4()
    first = post(code="A", idempotency_key=key, csrfmiddlewaretoken="one")
    second = post(code="A", idempotency_key=key, csrfmiddlewaretoken="another")
    assert (second.status_code, second["Location"]) == (first.status_code, first["Location"]) == (302, ANY)
    assert sites() == ["A"]


@pytest.mark.django_db(transaction=True)
def test_who_heard_nothing_after_the_commit_asks_again_and_gets_the_first_answer():
    """REL-05: the server's connection to the database is cut right after COMMIT, so the page breaks off."""
    key = uuid.uuid4()

    def cut():
        connection.connection.pgconn.finish()
        sites()

    try:
        with pytest.raises(OperationalError):
            post(code="A", idempotency_key=key, after_commit=cut)
    finally:
        connection.close()
    again = post(code="A", idempotency_key=key)
    assert (again.status_code, again["Location"]) == (302, f"/sites/{Site.objects.get().pk}/")
    assert sites() == ["A"]


def test_the_same_key_with_other_content_is_no_repeat():
    key = uuid.uuid4()
    first = post(code="A", idempotency_key=key)
    other = post(code="B", idempotency_key=key)
    assert other.status_code == 409
    assert "Nothing of what you sent now was recorded" in other.content.decode()
    assert first["Location"] in other.content.decode()
    assert sites() == ["A"]


def test_the_same_key_with_another_file_is_no_repeat():
    key = uuid.uuid4()

    def send(content):
        return post(code="A", idempotency_key=key, file=SimpleUploadedFile("plate.txt", content))

    assert [send(content).status_code for content in (b"1", b"1", b"2")] == [302, 302, 409]


def test_a_repeat_does_not_tell_whether_the_password_is_the_same():
    key = uuid.uuid4()
    answers = [post(code="A", password=guess, idempotency_key=key) for guess in ("right", "wrong")]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_what_was_sent_is_not_kept_in_the_clear():
    post(code="A", password="a secret of olga", idempotency_key=uuid.uuid4())
    assert "secret" not in str(FirstAnswer.objects.values())


def test_a_refused_form_leaves_nothing_and_may_be_sent_again():
    key = uuid.uuid4()
    assert post(code="A", refuse="1", idempotency_key=key).status_code == 422
    assert not Site.objects.exists()
    assert post(code="A", idempotency_key=key).status_code == 302


def test_a_key_of_another_person_or_page_is_refused():
    key = uuid.uuid4()
    post(code="A", idempotency_key=key)
    assert post("tomas", code="A", idempotency_key=key).status_code == 400
    assert post(path="/elsewhere/", code="A", idempotency_key=key).status_code == 400


def test_a_form_without_a_key_is_refused():
    assert post(code="A").status_code == 400
