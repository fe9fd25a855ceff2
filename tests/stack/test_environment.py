"""Settings come from the environment, and say what is wrong with it."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.stack.facilities import BASE, environment
from tilmfg import environment as variables

PRODUCTION = {
    "SECRET_KEY": "x" * 60,
    "TILMFG_VAULT_KEY": "A" * 43 + "=",
    "ALLOWED_HOSTS": "til.example.org",
    "TILMFG_ORIGIN": "https://til.example.org",
    "DATABASE_URL": "postgresql://tilmfg_app:p%40ss@db.example:6543/til?sslmode=verify-full",
    "REDIS_URL": "rediss://broker.example:6379/0",
}


def settings_of(**variables):
    """The last line of what the settings say in a process of their own."""
    code = "from tilmfg import settings as s; print(s.DATABASES['default'], s.DEBUG)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE, env=environment(**variables), capture_output=True, text=True
    )
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def test_a_complete_environment_is_used_as_it_is():
    said = settings_of(**PRODUCTION)
    for part in ("'db.example'", "'6543'", "'til'", "'tilmfg_app'", "'p@ss'", "'sslmode': 'verify-full'"):
        assert part in said
    assert said.endswith("False")  # DEBUG


def test_production_answers_by_tls_only_and_its_cookies_are_bound_to_the_host():
    """SEC-08"""
    names = (
        "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_NAME CSRF_COOKIE_SECURE CSRF_COOKIE_HTTPONLY "
        "SECURE_SSL_REDIRECT SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_SECONDS"
    )
    code = f"from tilmfg import settings as s; print(*(getattr(s, n) for n in '{names}'.split()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE, env=environment(**PRODUCTION), capture_output=True, text=True
    )
    assert done.stdout.split() == [
        "__Host-session",
        "True",
        "__Host-csrf",
        *["True"] * 4,
        str(365 * 24 * 3600),
    ]


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_a_missing_variable_stops_the_start(missing):
    assert missing in settings_of(**{name: value for name, value in PRODUCTION.items() if name != missing})


def test_the_owner_needs_an_address_of_its_own():
    assert "DATABASE_OWNER_URL is not set" in settings_of(**PRODUCTION, TILMFG_ROLE="owner")


def test_a_vault_key_that_is_none_is_refused():
    assert "TILMFG_VAULT_KEY is not a Fernet key" in settings_of(**PRODUCTION | {"TILMFG_VAULT_KEY": "short"})


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://til.example.org/", "https://til.example.org"),
        ("https://TIL.example.org:443", "https://til.example.org"),
        ("https://til.example.org:8443", "https://til.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_an_origin_is_read_as_browsers_write_it(monkeypatch, value, meant):
    monkeypatch.setenv("AN_ORIGIN", value)
    assert variables.origin("AN_ORIGIN") == meant


@pytest.mark.parametrize(
    "value",
    [
        "til.example.org",
        "http://til.example.org",
        "https://127.0.0.1",
        "https://[::1]",
        "https://til.example.org/records",
        "https://me@til.example.org",
        "https://til.example.org:none",
        "https://",
    ],
)
def test_an_origin_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("AN_ORIGIN", value)
    with pytest.raises(ImproperlyConfigured, match=r"AN_ORIGIN is .*; it must look like https://"):
        variables.origin("AN_ORIGIN")


def test_a_provider_of_single_sign_on_is_named_whole_and_safe_or_not_at_all(monkeypatch):
    assert variables.openid_provider("AN_OIDC") == {}
    monkeypatch.setenv("AN_OIDC_ISSUER", "https://login.example.org")
    monkeypatch.setenv("AN_OIDC_CLIENT_ID", "tilmfg")
    with pytest.raises(ImproperlyConfigured, match="AN_OIDC_CLIENT_SECRET is not set"):
        variables.openid_provider("AN_OIDC")
    monkeypatch.setenv("AN_OIDC_CLIENT_SECRET", "secret")
    assert variables.openid_provider("AN_OIDC")["ISSUER"] == "https://login.example.org"
    monkeypatch.setenv("AN_OIDC_ISSUER", "http://login.example.org")
    with pytest.raises(ImproperlyConfigured, match="must look like https://login"):
        variables.openid_provider("AN_OIDC")


@pytest.mark.parametrize(("value", "meant"), [("yes", True), ("0", False), ("FALSE", False), ("", True)])
def test_a_flag_is_understood(monkeypatch, value, meant):
    monkeypatch.setenv("A_FLAG", value)
    assert variables.flag("A_FLAG", default=True) is meant


def test_a_flag_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("A_FLAG", "perhaps")
    with pytest.raises(
        ImproperlyConfigured, match="A_FLAG is 'perhaps'; it can be 1, true, yes, 0, false, no"
    ):
        variables.flag("A_FLAG", default=False)


def test_a_choice_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("A_CHOICE", "admin")
    with pytest.raises(ImproperlyConfigured, match="A_CHOICE is 'admin'; it can be app, owner"):
        variables.choice("A_CHOICE", among=("app", "owner"))


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("smtp://us:p%40ss@mail.example.org:2587", ("mail.example.org", 2587, "us", "p@ss", False, True)),
        ("smtp://mail.example.org", ("mail.example.org", 587, "", "", False, True)),
        ("smtps://mail.example.org", ("mail.example.org", 465, "", "", True, False)),
        ("smtp://localhost:25", ("localhost", 25, "", "", False, False)),
    ],
)
def test_a_mail_server_is_spoken_to_by_tls_unless_it_is_on_this_host(monkeypatch, value, meant):
    monkeypatch.setenv("A_SERVER", value)
    assert variables.mail_server("A_SERVER") == meant


@pytest.mark.parametrize("value", ["", "mail.example.org", "http://mail.example.org", "smtp://h:port"])
def test_what_is_no_mail_server_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("A_SERVER", value)
    with pytest.raises(ImproperlyConfigured, match=r"A_SERVER must look like smtp://"):
        variables.mail_server("A_SERVER")
