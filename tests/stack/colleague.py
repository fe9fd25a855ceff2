"""Somebody who is signed in already at a running web, by real HTTP."""

from http.cookiejar import Cookie, CookieJar
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.journeys.person import Page, Person


class Colleague(Person):
    """`session`: the key of one in the web's database; `referer`: the page that each says it was opened from."""

    def __init__(self, base_url: str, *, cookie: str, session: str, referer: str = "") -> None:
        jar = CookieJar()
        host = ("127.0.0.1", False, False)
        jar.set_cookie(
            Cookie(0, cookie, session, None, False, *host, "/", True, False, None, False, None, None, {})
        )
        self.base_url, self.referer = base_url, referer
        self.opener = build_opener(HTTPCookieProcessor(jar))

    def open(self, path: str) -> Page:
        headers = {"Referer": f"{self.base_url}{self.referer}"} if self.referer else {}
        return self._send(Request(self.base_url + path, headers=headers))
