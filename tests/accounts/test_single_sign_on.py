"""Single sign-on is a way in for people who are here already, and nothing else; SEC-06, P11-17, P11-20."""

import time
import uuid

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from joserfc.jwk import RSAKey

from tests import openid
from tests.cast import PASSWORD, code_of, credential, person, sign_in, with_authenticator
from tests.passkeys import with_passkey
from tests.quality.test_open_deviation import open_one
from tilmfg.accounts.models import Attempt, ProviderLink, RoleGrant, User
from tilmfg.accounts.proof import prove_signer
from tilmfg.accounts.services import (
    UnableToLink,
    deactivate_user,
    link_provider,
    reset_authenticator,
    unlink_provider,
)
from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    with openid.running() as provider:
        settings.TILMFG_OIDC = {
            "ISSUER": provider.issuer,
            "CLIENT_ID": openid.CLIENT,
            "CLIENT_SECRET": openid.SECRET,
        }
        yield provider


def link(username="quinn", subject="00u1quinn", by="root", reason="Read to me in person"):
    return link_provider(
        user=person(username), subject=subject, reason=reason, credential=credential(by), by=person(by)
    )


@pytest.fixture
def quinn(provider):
    """Linked, and has signed on before."""
    user = with_authenticator("quinn")
    made = link()
    with acting(actor="tests", verb="tests.confirm"):
        ProviderLink.objects.filter(pk=made.pk).update(confirmed_at=made.linked_at)
    return user


def go(client, wanted=""):
    return client.get(reverse("single_sign_on"), {"next": wanted})["Location"]


def come_back(client, provider, **changes):
    return client.get(reverse("single_sign_on_back"), provider.sign_on(go(client)) | changes)


def said_at(client, answer):
    assert answer.url == reverse("login")
    return client.get(answer.url).content.decode()


def is_in(client):
    return client.get(reverse("home")).status_code == 200


def outcomes():
    tries = Attempt.objects.exclude(purpose="signature").order_by("id")  # of the administrator
    return list(tries.values_list("purpose", "outcome", "with_code"))


def test_without_a_provider_there_is_no_button_and_no_page(client):
    assert "Single sign-on" not in client.get(reverse("login")).content.decode()
    assert client.get(reverse("single_sign_on")).status_code == 404
    assert client.get(reverse("single_sign_on_back"), {"code": "x", "state": "x"}).status_code == 404


def test_the_button_is_a_link_that_remembers_where_the_person_was_going(client, provider):
    shown = client.get(reverse("login"), {"next": "/lots/"}).content.decode()
    assert f'href="{reverse("single_sign_on")}?next=/lots/"' in shown


def test_it_stands_for_the_password_and_our_second_factor_is_asked(client, provider, quinn):
    back = provider.sign_on(go(client, "/lots/"))
    before = client.session.session_key
    answer = client.get(reverse("single_sign_on_back"), back)
    assert answer.url == reverse("login_code")
    assert not is_in(client)
    done = client.post(reverse("login_code"), {"one_time_code": code_of(quinn)})
    assert done.url == "/lots/"
    assert is_in(client)
    assert client.session.session_key != before
    assert outcomes() == [("single_sign_on", "begun", False), ("sign_in", "signed_on", True)]


def test_it_goes_to_no_other_host_afterwards(client, provider, quinn):
    client.get(reverse("single_sign_on_back"), provider.sign_on(go(client, "https://evil.example/")))
    assert client.post(reverse("login_code"), {"one_time_code": code_of(quinn)}).url == reverse("home")


@pytest.mark.parametrize("said", [{"amr": ["pwd", "mfa"]}, {"acr": "phr"}], ids=str)
def test_the_providers_second_factor_counts_only_if_the_facility_says_so(
    client, provider, quinn, settings, said
):
    provider.lies = said
    assert come_back(client, provider).url == reverse("login_code")
    settings.TILMFG_OIDC_AMR, settings.TILMFG_OIDC_ACR = ["mfa"], ["phr"]
    assert come_back(Client(), provider).url == reverse("home")
    provider.lies = {"amr": "mfa", "acr": "0"}  # a text is no list of methods
    assert come_back(Client(), provider).url == reverse("login_code")
    assert outcomes()[1] == ("single_sign_on", "signed_on", False)


def test_the_first_time_a_person_confirms_the_link_with_a_factor_of_their_own(client, provider, settings):
    settings.TILMFG_OIDC_AMR = ["mfa"]
    provider.lies = {"amr": ["mfa"]}
    quinn = with_authenticator("quinn")
    made = link()
    assert come_back(client, provider).url == reverse("login_code")
    made.refresh_from_db()
    assert made.confirmed_at is None
    assert client.post(reverse("login_code"), {"one_time_code": code_of(quinn)}).url == reverse("home")
    made.refresh_from_db()
    assert made.confirmed_at is not None
    assert Event.objects.filter(name="accounts.provider.confirmed").count() == 1
    assert come_back(Client(), provider).url == reverse("home")


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"aud": "another program"},
        {"aud": ["another program", "and another"]},
        {"aud": None},
        {"azp": "another program"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_it_refuses_a_token_that_is_not_for_us_now(client, provider, quinn, lies):
    provider.lies = lies
    assert "What single sign-on sent is not valid" in said_at(client, come_back(client, provider))
    assert not is_in(client)
    assert outcomes() == []


def test_it_refuses_a_token_without_signature_by_another_key_and_by_the_public_key(client, provider, quinn):
    strange = RSAKey.generate_key(2048, {"kid": "one"})
    for headers, key in (
        ({"alg": "none"}, None),
        ({"alg": "RS256", "kid": "one"}, strange),
        ({"alg": "HS256"}, None),
    ):
        provider.headers, provider.signs_with = headers, key
        assert "is not valid" in said_at(client, come_back(client, provider))
    assert not is_in(client)


def test_a_state_counts_once_and_in_its_own_browser(client, provider, quinn):
    back = provider.sign_on(go(client))
    other = Client()
    go(other)
    assert "not begun in this browser" in said_at(other, other.get(reverse("single_sign_on_back"), back))
    assert client.get(reverse("single_sign_on_back"), back).url == reverse("login_code")
    assert "not begun in this browser" in said_at(client, client.get(reverse("single_sign_on_back"), back))


def test_a_wrong_state_spends_the_right_one(client, provider, quinn):
    back = provider.sign_on(go(client))
    client.get(reverse("single_sign_on_back"), back | {"state": "gué"})
    assert "not begun" in said_at(client, client.get(reverse("single_sign_on_back"), back))


def test_it_waits_ten_minutes_and_no_longer(client, provider, quinn, monkeypatch):
    back = provider.sign_on(go(client))
    later = time.time() + 601
    monkeypatch.setattr("tilmfg.accounts.views.single_sign_on.time.time", lambda: later)
    assert "took too long" in said_at(client, client.get(reverse("single_sign_on_back"), back))


def test_a_code_of_another_browsers_question_is_refused_by_its_verifier(client, provider, quinn):
    other = provider.sign_on(go(Client()))
    answer = come_back(client, provider, code=other["code"])
    assert "does not answer as it should" in said_at(client, answer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://evil.example"}, "Somebody else than the provider"),
        ({"code": "", "error": "access_denied"}, "let nobody in"),
        ({"code": "never given"}, "does not answer as it should"),
    ],
)
def test_what_went_wrong_is_said_in_plain_words(client, provider, quinn, changes, words):
    assert words in said_at(client, come_back(client, provider, **changes))


@pytest.mark.parametrize(
    ("described", "words"),
    [
        ({"issuer": "https://evil.example"}, "calls itself otherwise"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "no safe authorization_endpoint"),
        ({"authorization_endpoint": None}, "no safe authorization_endpoint"),
    ],
)
def test_a_provider_that_describes_itself_badly_is_not_gone_to(client, provider, described, words):
    provider.described = described
    assert words in said_at(client, client.get(reverse("single_sign_on")))


def test_a_provider_that_does_not_answer_leaves_the_password(client, provider, settings, quinn):
    settings.TILMFG_OIDC = settings.TILMFG_OIDC | {"ISSUER": "http://localhost:1"}
    assert "Log in with your password" in said_at(client, client.get(reverse("single_sign_on")))


def test_our_secret_is_not_carried_on_to_another_address(client, provider, quinn):
    provider.described = {"token_endpoint": provider.issuer + "/moved"}
    assert "does not answer as it should" in said_at(client, come_back(client, provider))
    assert "/elsewhere" not in provider.asked


# ── Who comes in ─────────────────────────────────────────────────────────────────────────────────


def test_a_stranger_becomes_nobody_here_and_reads_what_to_tell_the_administrator(client, provider, quinn):
    before = (User.objects.count(), RoleGrant.objects.count())
    provider.subject = "00u9stranger"
    provider.lies = {"preferred_username": "quinn", "email": "quinn@til.example.org"}
    assert "administrator: 00u9stranger" in said_at(client, come_back(client, provider))
    assert not is_in(client)
    assert (User.objects.count(), RoleGrant.objects.count()) == before
    attempt = Attempt.objects.exclude(purpose="signature").get()
    assert (attempt.name, attempt.user, attempt.outcome) == ("(no user name)", None, "unknown")


def test_who_left_stays_out(client, provider, quinn):
    deactivate_user(user=quinn, reason="Left the company", by=person("root"))
    assert "not active" in said_at(client, come_back(client, provider))
    assert outcomes() == [("single_sign_on", "inactive", False)]


def test_a_locked_account_stays_locked(client, provider, quinn, settings):
    for _ in range(5):
        credential("quinn", "guessed")
    settings.TILMFG_OIDC_AMR, provider.lies = ["mfa"], {"amr": ["mfa"]}
    assert "account is locked" in said_at(client, come_back(client, provider))
    assert not is_in(client)


def test_who_has_no_authenticator_sets_one_up_by_password_only(client, provider, quinn, settings):
    settings.TILMFG_OIDC_AMR, provider.lies = ["mfa"], {"amr": ["mfa"]}
    reset_authenticator(
        user=quinn, reason="The telephone was lost", credential=credential("root"), by=person("root")
    )
    assert "Log in with your password once" in said_at(client, come_back(client, provider))
    assert client.get(reverse("enrol")).url == reverse("login")


def test_signing_keeps_password_and_second_factor(client, provider, quinn, settings):
    settings.TILMFG_OIDC_AMR, provider.lies = ["mfa"], {"amr": ["mfa"]}
    come_back(client, provider)
    fields = {"classification": "minor", "impact": "None.", "reason": "Concluded."}
    url = reverse("deviation_close", args=[open_one().number])

    def close(**proof):
        return client.post(url, fields | proof | {"idempotency_key": uuid.uuid4()})

    assert "password" in close(one_time_code=code_of(quinn)).context["form"].errors
    assert "one_time_code" in close(password=PASSWORD).context["form"].errors
    assert close(password=PASSWORD, one_time_code=code_of(quinn)).status_code == 302


def test_signing_on_in_between_gives_no_new_guesses_at_the_password(client, provider, quinn, settings):
    settings.TILMFG_OIDC_AMR, provider.lies = ["mfa"], {"amr": ["mfa"]}
    for _ in range(4):
        credential("quinn", "guessed")
        assert come_back(Client(), provider).url == reverse("home")
    assert "locked" in str(prove_signer(password="guessed", by=quinn).refusal)


def test_a_right_code_after_signing_on_ends_a_row_of_wrong_codes_and_not_of_passwords(provider, quinn):
    for _ in range(3):
        credential("quinn", "guessed")
    client = Client()
    come_back(client, provider)
    client.post(reverse("login_code"), {"one_time_code": "000000"})
    client.post(reverse("login_code"), {"one_time_code": code_of(quinn)})
    assert is_in(client)
    credential("quinn", "guessed")
    assert not quinn.is_locked
    credential("quinn", "guessed")
    assert quinn.is_locked


def test_a_passkey_completes_it_too(client, provider, quinn):
    key = with_passkey("quinn")
    come_back(client, provider)
    options = client.post(reverse("passkey_ask")).json()
    assert client.post(reverse("login_code"), {"passkey": key.answer(options)}).url == reverse("home")


# ── Linked and unlinked ──────────────────────────────────────────────────────────────────────────


def test_an_administrator_links_and_ends_it_on_the_persons_page(client, provider):
    sign_in(client, "root")
    person("quinn")
    sent = {"subject": "00u1quinn", "reason": "Read to me in person", "idempotency_key": uuid.uuid4()}
    sent |= {"password": PASSWORD}
    assert client.post(reverse("person_link", args=["quinn"]), sent).status_code == 302
    assert "00u1quinn" in client.get(reverse("person", args=["quinn"])).content.decode()
    sent = {"reason": "The provider was changed", "idempotency_key": uuid.uuid4()}
    assert client.post(reverse("person_unlink", args=["quinn"]), sent).status_code == 302
    assert not ProviderLink.objects.filter(ended_at=None).exists()


def test_ending_it_closes_every_session_and_a_sign_on_half_way(client, provider, quinn, settings):
    come_back(client, provider)
    settings.TILMFG_OIDC_AMR, provider.lies = ["mfa"], {"amr": ["mfa"]}
    other = Client()
    come_back(other, provider)
    unlink_provider(user=quinn, reason="The account was stolen", by=person("root"))
    assert not is_in(other)
    given = client.post(reverse("login_code"), {"one_time_code": code_of(quinn)})
    assert given.url == reverse("login")
    assert "nobody here is linked" in said_at(client, come_back(client, provider))
    event = AuditEvent.objects.filter(relation="accounts_providerlink", op="UPDATE").latest("seq")
    assert (event.actor, event.reason) == ("root", "The account was stolen")


def test_it_refuses_oneself_a_subject_twice_a_person_twice_and_who_left(provider, settings):
    with pytest.raises(UnableToLink, match="Another system administrator"):
        link("root")
    link()
    with pytest.raises(UnableToLink, match="somebody else"):
        link("rosa")
    with pytest.raises(UnableToLink, match="linked already"):
        link(subject="00u2")
    with pytest.raises(UnableToLink, match="identifier"):
        link("rosa", subject=" ")
    deactivate_user(user=person("olga"), reason="Left the company", by=person("root"))
    with pytest.raises(UnableToLink, match="not active"):
        link("olga", subject="00u3")
    with pytest.raises(ChangedMeanwhile, match="not linked"):
        unlink_provider(user=person("rosa"), reason="The provider was changed", by=person("root"))
    settings.TILMFG_OIDC = {}
    with pytest.raises(UnableToLink, match="No provider"):
        link("rosa", subject="00u4")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("subject = 'another'", "links_are_confirmed_and_end_once"),
        ("user_id = linked_by_id", "links_are_confirmed_and_end_once|nobody_links_themselves"),
        ("issuer = 'https://evil.example'", "links_are_confirmed_and_end_once"),
        ("confirmed_at = NULL", "links_are_confirmed_and_end_once"),
        ("ended_at = now()", "ended_links_say_by_whom"),
    ],
)
def test_the_database_keeps_a_link_what_it_is(quinn, change, rule):
    with (
        pytest.raises(DatabaseError, match=rule),
        acting(actor="root", verb="tests", reason="Why not"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE accounts_providerlink SET {change}")
