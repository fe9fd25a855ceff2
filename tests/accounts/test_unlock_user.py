"""A locked account is opened by somebody else, who says why. P11-21"""

import uuid

import pytest
from django.urls import reverse

from tests.cast import PASSWORD, credential, person, sign_in
from tilmfg.accounts.models import Lock, RoleGrant, User
from tilmfg.accounts.proof import prove_signer
from tilmfg.accounts.services import UnableToUnlock, unlock_user
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def quinn():
    for _ in range(5):
        prove_signer(password="wrong again", by=person("quinn"))
    return person("quinn")


def unlock(user, by="root", reason="Quinn called from the desk: new keyboard.", proof=None):
    last = user.locks.order_by("id").last()
    return unlock_user(
        user=user,
        lock=last.pk if last else 0,
        reason=reason,
        credential=proof or credential(by),
        by=person(by),
    )


def test_it_opens_the_account_and_says_who_and_why(quinn):
    unlock(quinn)
    assert prove_signer(password=PASSWORD, by=quinn).is_accepted
    lock = Lock.objects.get()
    assert (lock.unlocked_by.username, lock.unlock_reason) == (
        "root",
        "Quinn called from the desk: new keyboard.",
    )
    event = AuditEvent.objects.filter(relation="accounts_lock", op="UPDATE").get()
    assert (event.actor, event.reason) == ("root", lock.unlock_reason)


def test_the_count_begins_anew(quinn):
    unlock(quinn)
    for _ in range(4):
        assert "locked" not in str(prove_signer(password="wrong", by=quinn).refusal)
    assert "locked" in str(prove_signer(password="wrong", by=quinn).refusal)


def test_it_refuses_without_a_reason(quinn):
    with pytest.raises(UnableToUnlock, match="why"):
        unlock(quinn, reason="  ")
    assert quinn.is_locked


@pytest.mark.parametrize("who", ["quinn", "rosa", "adam", "olga", "vera", "eve"])
def test_it_refuses_whoever_does_not_administer_the_system(quinn, who):
    with pytest.raises(NotAuthorised):
        unlock(quinn, by=who)


def test_it_refuses_ones_own_account():
    root, proof = person("root"), credential("root")
    for _ in range(5):
        prove_signer(password="wrong", by=root)
    with pytest.raises(UnableToUnlock, match="Another system administrator"):
        unlock(root, proof=proof)


def test_it_refuses_an_account_that_is_not_locked():
    with pytest.raises(ChangedMeanwhile, match="not locked"):
        unlock(person("quinn"))


def test_a_lock_is_seen_on_the_home_page_and_lifted_on_the_persons(client, quinn):
    sign_in(client, "root")
    assert "account locked after wrong tries" in client.get(reverse("home")).content.decode()
    page = client.get(reverse("person", args=["quinn"])).content.decode()
    assert "Locked after five wrong tries" in page
    url = reverse("person_unlock", args=["quinn"])
    opened = client.get(url).context["form"]
    sent = {"lock": opened.initial["lock"], "password": PASSWORD}
    refused = client.post(url, sent | {"reason": "", "idempotency_key": uuid.uuid4()})
    assert refused.status_code == 422
    done = client.post(url, sent | {"reason": "It was Quinn.", "idempotency_key": uuid.uuid4()})
    assert done.url == reverse("person", args=["quinn"])
    assert not User.objects.get(pk=quinn.pk).is_locked


def test_a_page_opened_for_one_lock_does_not_open_the_next(client, quinn):
    sign_in(client, "root")
    url = reverse("person_unlock", args=["quinn"])
    stale = client.get(url).context["form"].initial["lock"]
    unlock(quinn)
    for _ in range(5):
        prove_signer(password="wrong again", by=quinn)
    sent = {"lock": stale, "reason": "It was Quinn.", "password": PASSWORD, "idempotency_key": uuid.uuid4()}
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert "locked again after you opened this page" in answer.content.decode()
    assert quinn.is_locked
    assert client.post(url, sent | {"lock": answer.context["form"]["lock"].value()}).status_code == 302


def test_the_list_says_who_is_locked_and_asks_no_more_for_many(client, quinn, django_assert_max_num_queries):
    person("olga")
    client.force_login(person("vera"))
    with django_assert_max_num_queries(8):
        page = client.get(reverse("people")).content.decode()
    assert page.count("Locked") == 1
    assert RoleGrant.objects.filter(user=quinn).exists()
    assert reverse("person", args=["celery"]) not in page
    assert client.get(reverse("person", args=["celery"])).status_code == 404
