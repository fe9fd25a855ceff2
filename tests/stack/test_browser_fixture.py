"""The page that browser stories begin with."""

import pytest

from tests.complaints import collect_complaints
from tilmfg import heartbeat

pytestmark = pytest.mark.browser


def test_it_shows_the_running_house(page, monkeypatch):
    monkeypatch.setattr(heartbeat, "require_fresh", lambda part: None)
    assert page.goto("/healthz").ok
    assert '"part": "database", "works": true' in page.content()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('broken')", "broken"),
        ("setTimeout(() => { throw new Error('thrown') })", "thrown"),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "Content Security Policy"),
        ("location = 'http://127.0.0.1:9/'", "leaves its own origin"),
        ("fetch('/static/missing.css').catch(() => 0)", "404 from"),
    ],
)
def test_it_hears_what_the_browser_complains_about(browser, live_server, script, complaint):
    complaints = []
    page = browser.new_page(base_url=live_server.url)
    collect_complaints(page, complaints, origin=live_server.url)
    page.goto("/healthz")
    page.evaluate(script)
    page.wait_for_timeout(200)
    page.close()
    assert any(complaint in heard for heard in complaints), complaints
