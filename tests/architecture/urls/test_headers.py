"""What every answer tells the browser. SEC-08."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from .headers import assert_safe
from .table import TABLE, each_row


@each_row
def test_every_answer_to_what_is_sent_carries_its_headers(world, visit, name):
    """As does, by the visit itself, whatever is opened, refused or not there."""
    for who in (None, *sorted(TABLE[name].allowed)[:1]):
        visit(who, TABLE[name].url(name, world.own), post=True)


@pytest.mark.parametrize(
    ("url", "said", "status"),
    [
        ("/nothing-here", {}, 404),
        ("/lots", {}, 301),  # the slash is added before anybody is asked who they are
        ("/", {"HTTP_HOST": "elsewhere.example"}, 400),
        ("/", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ("/static/none.css", {}, 404),
    ],
)
def test_what_no_page_answers_carries_them_too(world, url, said, status):
    answer = world.clients[None].get(url, **said)
    assert answer.status_code == status
    assert_safe(answer)


def test_a_page_that_breaks_carries_them_too(world, monkeypatch):
    def breaks(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("tilmfg.home.views.render", breaks)
    client = world.clients["olga"]
    monkeypatch.setattr(client, "raise_request_exception", False)
    answer = client.get(reverse("home"))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert_safe(answer)
