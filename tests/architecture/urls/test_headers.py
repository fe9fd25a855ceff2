"""What every answer tells the browser. SEC-08."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from .table import TABLE, each_row

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'",
}


def assert_safe(answer):
    said = {name: answer.headers.get(name) for name in HEADERS}
    said["Content-Security-Policy"] = "; ".join(sorted(said["Content-Security-Policy"].split("; ")))
    assert said == HEADERS, answer.status_code
    permissions = answer.headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "usb=()"} <= set(permissions)
    assert not [allowed for allowed in permissions if not allowed.endswith(("=()", "=(self)"))]


@each_row
@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_every_answer_carries_its_headers(world, visit, name, post):
    """Opened, refused, not there and not signed in."""
    url = TABLE[name].url(name, world.own)
    for who in (None, "sam", "eve", *sorted(TABLE[name].allowed)[:1]):
        assert_safe(visit(who, url, post=post))


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
