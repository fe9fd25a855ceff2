"""Somebody of the cast at their browser: opens pages, fills in the form that is there, sends it. Plain HTTP."""

import time
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

import lxml.html
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tilmfg.demonstration.people import next_code


class Page:
    """What came back: status, address, bytes, and the words a person reads."""

    def __init__(self, response):
        self.status, self.url, self.content = response.status, response.url, response.read()
        self.is_html = response.headers.get_content_type() == "text/html"
        self.tree = lxml.html.fromstring(self.content) if self.is_html and self.content.strip() else None

    @property
    def text(self):
        return " ".join(self.tree.text_content().split()) if self.tree is not None else ""

    def form(self, having=(), to=""):
        """The form that writes, has these fields and goes to an address with `to` in it."""
        for form in self.tree.forms if self.tree is not None else ():
            fields = set(form.fields.keys())
            if "idempotency_key" in fields and set(having) <= fields and to in (form.action or self.url):
                return form
        raise AssertionError(
            f"{self.url}: no form to “{to}” with {sorted(having)}; it says: {self.text[:1500]}"
        )


class Person:
    """Signed in with name, password and a recovery code: the authenticator's next code is for the first signature."""

    def __init__(self, base_url, username, password, recovery_code):
        self.base_url, self.username = base_url, username
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        page = self.open("/accounts/login")
        [form] = [form for form in page.tree.forms if "password" in form.fields]
        values = dict(form.fields) | {"username": username, "password": password}
        page = self._post(page.url, values)
        [form] = [form for form in page.tree.forms if "one_time_code" in form.fields]
        values = dict(form.fields) | {"one_time_code": recovery_code}
        assert "/accounts/login" not in self._post(page.url, values).url, f"{username} could not sign in"

    def open(self, path):
        return self._send(Request(urljoin(self.base_url, path)))

    def send(self, path, *, to="", **values):
        """Open the page, fill in its form and send it; fields that are not named stay as the page had them."""
        page = path if isinstance(path, Page) else self.open(path)
        form = page.form(having=values, to=to)
        if "one_time_code" in form.fields:
            values = {"one_time_code": next_code(self.username)} | values
        filled = {name: value for name, value in form.fields.items() if value is not None} | values
        return self._post(urljoin(page.url, form.action or page.url), filled)

    def must_send(self, path, **values):
        """As `send`, and it was accepted."""
        page = self.send(path, **values)
        assert page.status == 200, f"{page.url}: {page.status}; the page says: {page.text[:2500]}"
        return page

    def _post(self, url, values):
        body = encode_multipart(
            BOUNDARY, {name: value for name, value in values.items() if value is not None}
        )
        request = Request(url, data=body, method="POST")
        request.add_header("Content-Type", MULTIPART_CONTENT)
        request.add_header("Referer", url)
        return self._send(request)

    def _send(self, request):
        try:
            return Page(self.opener.open(request, timeout=60))
        except HTTPError as refusal:
            return Page(refusal)


def upload(filename, text):
    return SimpleUploadedFile(filename, text.encode())


def eventually(look, *, seconds=60):
    """What `look` returns once it is true: for what a worker does meanwhile."""
    until = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)
    return found
