"""A passkey is added, logs in and signs, in Chromium with its virtual security key; SEC-06."""

import pytest
from django.urls import reverse

from tests.cast import PASSWORD, code_of, with_authenticator
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.models import Attempt
from tilmfg.accounts.services import issue_recovery_codes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def security_key(page, live_server, settings):
    """Plugged in, and touched whenever it is asked; it tells what it holds."""
    settings.TILMFG_ORIGIN = live_server.url
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False}
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return lambda: session.send("WebAuthn.getCredentials", added)["credentials"]


def begin(page):
    page.goto(reverse("login"))
    page.get_by_label("Username").fill("quinn")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/login/code")


def test_it_is_added_logs_in_and_signs(page, security_key):
    quinn = with_authenticator("quinn")
    begin(page)
    page.get_by_label("Code").fill(issue_recovery_codes(by=quinn)[0])
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Needs you").wait_for()

    page.goto(reverse("account"))
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the device or key").fill("Blue key")
    page.get_by_role("button", name="Make it on your device").click()
    page.get_by_text("has made the passkey").wait_for()
    assert len(security_key()) == 1
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code of your authenticator").fill(code_of(quinn))
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("is yours from now on").wait_for()

    page.context.clear_cookies()
    begin(page)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.get_by_role("heading", name="Needs you").wait_for()

    deviation = open_one()
    page.goto(reverse("deviation_close", args=[deviation.number]))
    page.get_by_label("Minor").check()
    page.get_by_label("Impact").fill("None on the product")
    page.get_by_label("Reason").fill("Concluded by the review")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.get_by_text("no code is needed").wait_for()
    page.locator(".record-form button[type=submit]").click()
    page.wait_for_url(f"**/{deviation.number}/")
    deviation.refresh_from_db()
    assert deviation.state == "closed"
    tries = Attempt.objects.order_by("-id").values_list("purpose", "outcome", "with_code")
    assert list(tries[:3]) == [
        ("signature", "accepted", True),
        ("sign_in", "accepted", True),
        ("sign_in", "begun", False),
    ]
    assert security_key()[0]["signCount"] == quinn.passkeys.get().counter
