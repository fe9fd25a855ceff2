"""What is left on record of a refusal is there although the attempt was rolled back, once, and after no breakdown."""

import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import RequestFactory

from tests.cast import person
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.facility.models import Site
from tilmfg.records.context import acting
from tilmfg.records.errors import UnableTo
from tilmfg.records.forms import VerbForm
from tilmfg.records.idempotency import once
from tilmfg.records.left_on_record import leave_on_record

pytestmark = pytest.mark.django_db(transaction=True)


def write(code):
    with acting(actor="tests", verb="tests.write"):
        Site.objects.create(code=code, name="x", time_zone="UTC")


@verb("tests.attempt.refuse", roles=(Role.TECHNICIAN,))
def refuse(*, by):
    write("attempted")
    raise UnableTo("No.", on_record=lambda: write("left"))


@verb("tests.attempt.pass_on", roles=(Role.TECHNICIAN,))
def pass_on(*, by):
    refuse(by=by)


def sites():
    return list(Site.objects.values_list("code", flat=True))


def page(answer):
    """What `once` makes of a page that answers like this; it is sent by olga."""
    request = RequestFactory().post("/sites/", {"idempotency_key": uuid.uuid4()})
    request.user, request.session = person("olga"), SessionStore()
    return once(answer)(request)


def form_of(request, act=refuse):
    form = VerbForm(request.POST)
    assert form.is_valid()
    assert form.attempt(act, by=request.user) is None
    return form


def test_a_verb_that_refuses_leaves_it_and_nothing_else():
    with pytest.raises(UnableTo, match="No"):
        refuse(by=person("olga"))
    assert sites() == ["left"]


@pytest.mark.parametrize("act", [refuse, pass_on])
def test_a_form_that_is_shown_again_leaves_it_once(act):
    assert page(lambda request: HttpResponse(status=form_of(request, act).status)).status_code == 422
    assert sites() == ["left"]


def test_a_page_that_answers_by_a_redirect_leaves_it_in_its_own_transaction():
    def answer(request):
        form_of(request)
        assert connection.in_atomic_block
        assert not sites()
        return HttpResponseRedirect("/")

    assert page(answer).status_code == 302
    assert sites() == ["left"]


def test_a_page_leaves_something_by_hand():
    def answer(_request):
        write("attempted")
        leave_on_record(lambda: write("left"))
        return HttpResponse(status=422)

    page(answer)
    assert sites() == ["left"]


def test_a_refusal_that_no_form_catches_leaves_it_too():
    with pytest.raises(UnableTo):
        page(lambda request: refuse(by=request.user))
    assert sites() == ["left"]


def test_a_page_that_breaks_leaves_nothing():
    """It is done again, or is an error: nobody was refused."""

    def answer(request):
        form_of(request)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        page(answer)
    assert not sites()
