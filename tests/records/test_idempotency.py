"""A form sent twice is done once and answered the same."""

import uuid

import pytest
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from tests.cast import person
from tilmfg.facility.models import Site
from tilmfg.records.context import acting
from tilmfg.records.idempotency import once

pytestmark = pytest.mark.django_db


@once
def register_site(request):
    with acting(actor="tests", verb="tests.write"):
        site = Site.objects.create(code=request.POST["code"], name="x", time_zone="UTC")
    if request.POST.get("refuse"):
        return HttpResponse("refused", status=422)
    return HttpResponseRedirect(f"/sites/{site.pk}/")


def post(who="olga", path="/sites/", **fields):
    request = RequestFactory().post(path, fields)
    request.user = person(who)
    return register_site(request)


def test_a_repeat_gets_the_first_answer_and_writes_nothing():
    key = uuid.uuid4()
    first, second = (post(code=code, idempotency_key=key) for code in ("A", "B"))
    assert (second.status_code, second["Location"]) == (first.status_code, first["Location"])
    assert list(Site.objects.values_list("code", flat=True)) == ["A"]


def test_a_refused_form_leaves_nothing_and_may_be_sent_again():
    key = uuid.uuid4()
    assert post(code="A", refuse="1", idempotency_key=key).status_code == 422
    assert not Site.objects.exists()
    assert post(code="A", idempotency_key=key).status_code == 302


def test_a_key_of_another_person_or_page_is_refused():
    key = uuid.uuid4()
    post(code="A", idempotency_key=key)
    assert post("tomas", code="B", idempotency_key=key).status_code == 400
    assert post(path="/elsewhere/", code="B", idempotency_key=key).status_code == 400


def test_a_form_without_a_key_is_refused():
    assert post(code="A").status_code == 400
