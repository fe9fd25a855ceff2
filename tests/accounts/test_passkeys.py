"""A passkey beside the app: what it answers is judged and counted like a code; SEC-06, P11-22."""

import json
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import PASSWORD, code_of, credential, person, with_authenticator
from tests.passkeys import SecurityKey, answer_of, with_passkey
from tilmfg.accounts import passkeys
from tilmfg.accounts.models import Attempt, Passkey
from tilmfg.accounts.passkeys import Answer
from tilmfg.accounts.proof import complete_sign_in, prove_signer
from tilmfg.accounts.selectors import locked_accounts
from tilmfg.accounts.services import (
    UnableToEnrol,
    UnableToRemove,
    add_passkey,
    remove_passkey,
    reset_authenticator,
)
from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return with_passkey("quinn")


def sign(answer, username="quinn", password=PASSWORD):
    return prove_signer(password=password, passkey=answer, by=person(username))


def outcomes(username="quinn"):
    return list(Attempt.objects.filter(name=username).order_by("id").values_list("outcome", flat=True))


def execute(sql, *values):
    """As the application could, without the program's own care."""
    with acting(actor="quinn", verb="tests", reason="Why not"), connection.cursor() as cursor:
        cursor.execute(sql, values)


def refused(proof):
    return "not accepted" in str(proof.refusal)


def test_a_passkey_completes_signing_in_and_signing(key):
    assert complete_sign_in(person=person("quinn"), passkey=answer_of(key, "quinn")).is_accepted
    proof = sign(answer_of(key, "quinn"))
    assert proof.is_accepted
    assert proof.with_factor
    assert list(Attempt.objects.values_list("outcome", "with_code")) == [("accepted", True)] * 2


def test_without_the_password_it_signs_nothing(key):
    assert "password is not right" in str(sign(answer_of(key, "quinn"), password="guessed").refusal)
    assert outcomes() == ["wrong_password"]


def test_an_answer_counts_once(key):
    answer = answer_of(key, "quinn")
    assert sign(answer).is_accepted
    assert refused(sign(answer))
    assert outcomes() == ["accepted", "wrong_passkey"]


def test_an_answer_counts_once_also_from_a_device_that_does_not_count():
    key = with_passkey("quinn", counter=0)
    answer = answer_of(key, "quinn")
    assert sign(answer).is_accepted
    assert refused(sign(answer))
    assert sign(answer_of(key, "quinn")).is_accepted


def test_an_answer_given_with_a_wrong_password_counts_no_more(key):
    answer = answer_of(key, "quinn")
    sign(answer, password="guessed")
    assert refused(sign(answer))


def test_the_database_lets_nobody_in_twice_by_one_challenge(key):
    assert sign(answer_of(key, "quinn")).is_accepted
    columns = "name, user_id, purpose, outcome, with_code, challenge"
    copied = f"INSERT INTO accounts_attempt ({columns}) SELECT {columns} FROM accounts_attempt"
    with pytest.raises(DatabaseError, match="a_challenge_is_answered_once"):
        execute(copied)


def forged_signature(answer):
    sent = json.loads(answer.text)
    signature = bytearray(websafe_decode(sent["response"]["signature"]))
    signature[-1] ^= 1
    sent["response"]["signature"] = websafe_encode(bytes(signature))
    return replace(answer, text=json.dumps(sent))


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://til.example.org.evil.example"},
        {"origin": "http://til.example.org"},
        {"origin": "https://floor.til.example.org"},
        {"origin": "https://til.example.org:8443"},
        {"crossOrigin": True},
        {"type": "webauthn.create"},
        {"rp_id": "evil.example"},
        {"flags": 0x00},
    ],
    ids=str,
)
def test_it_refuses_what_was_answered_to_another_page(key, said):
    assert refused(sign(answer_of(key, "quinn", **said)))
    assert outcomes() == ["wrong_passkey"]


def test_it_refuses_the_challenge_of_another_session_none_and_a_forged_signature(key):
    mine, other = answer_of(key, "quinn"), answer_of(key, "quinn")
    assert refused(sign(replace(mine, asked=other.asked)))
    assert refused(sign(replace(mine, asked=None)))
    assert refused(sign(forged_signature(answer_of(key, "quinn"))))
    assert outcomes() == ["wrong_passkey"] * 3


def test_it_refuses_another_persons_and_a_strange_key(key):
    others = with_passkey("rosa")
    assert refused(sign(answer_of(others, "quinn")))
    assert refused(sign(answer_of(SecurityKey(), "quinn")))
    stranger = SecurityKey()
    stranger.id = key.id
    assert refused(sign(answer_of(stranger, "quinn")))
    assert outcomes() == ["wrong_passkey"] * 3
    assert outcomes("rosa") == []


def test_it_refuses_a_counter_that_goes_back_or_stands_still(key):
    assert sign(answer_of(key, "quinn")).is_accepted
    for shown in (2, 1, 0):
        key.counter = shown
        assert refused(sign(answer_of(key, "quinn")))
    key.counter = 3
    assert sign(answer_of(key, "quinn")).is_accepted
    assert outcomes() == ["accepted", "wrong_passkey", "wrong_passkey", "wrong_passkey", "accepted"]


def test_five_wrong_ones_lock_the_account_and_a_right_password_between_them_ends_nothing(key):
    for _ in range(4):
        assert refused(sign(answer_of(SecurityKey(), "quinn")))
        assert credential("quinn").is_accepted
    assert "locked after 5 wrong tries" in str(sign(answer_of(SecurityKey(), "quinn")).refusal)
    assert locked_accounts().get().user == person("quinn")
    assert "locked" in str(sign(answer_of(key, "quinn")).refusal)


def test_the_database_counts_wrong_passkeys_to_five_by_itself(key):
    insert = (
        "INSERT INTO accounts_attempt (name, user_id, purpose, outcome, with_code, challenge)"
        " VALUES ('quinn', %s, 'signature', 'wrong_passkey', true, '')"
    )
    quinn = person("quinn").pk
    for _ in range(5):
        execute(insert, quinn)
    with pytest.raises(DatabaseError, match="locked_accounts_try_nothing"):
        execute(insert, quinn)


def test_who_has_both_uses_either(key):
    quinn = with_authenticator("quinn")
    assert prove_signer(password=PASSWORD, code=code_of(quinn), by=quinn).is_accepted
    assert sign(answer_of(key, "quinn")).is_accepted


@given(st.one_of(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps)))
def test_whatever_is_sent_instead_is_no_answer(text):
    _, asked = passkeys.ask_for_one_of([])
    for read in (passkeys.read_new, lambda answer: passkeys.read(answer, held=[])):
        with pytest.raises(passkeys.UnableToRead):
            read(Answer(text, asked))


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_bytes_stand_in_an_answer_they_are_refused_in_order(one, other):
    key = SecurityKey()
    options, asked = passkeys.ask_for_new(username="quinn", printed_name="Quinn", held=[])
    sent = json.loads(key.make(options))
    sent["response"]["attestationObject"] = websafe_encode(one)
    sent["response"] |= {"authenticatorData": websafe_encode(one), "signature": websafe_encode(other)}
    with pytest.raises(passkeys.UnableToRead):
        passkeys.read_new(Answer(json.dumps(sent), asked))
    with pytest.raises(passkeys.UnableToRead):
        passkeys.read(Answer(json.dumps(sent), asked), held=[])


# ── Added and removed ────────────────────────────────────────────────────────────────────────────


def proven(username="quinn"):
    user = with_authenticator(username)
    return prove_signer(password=PASSWORD, code=code_of(user), by=user)


def add(key, *, name="Badge", by="quinn", proof=None, asked=None, **said):
    user = person(by)
    options, ours = passkeys.ask_for_new(username=by, printed_name=user.printed_name, held=[])
    answer = Answer(key.make(options, **said), asked or ours)
    return add_passkey(name=name, answer=answer, credential=proof or proven(by), by=user)


def test_a_person_adds_several_by_name_and_each_works():
    proof = proven()
    keys = {name: SecurityKey() for name in ("Badge", "Desk")}
    for name, key in keys.items():
        add(key, name=name, proof=proof)
    for key in keys.values():
        assert sign(answer_of(key, "quinn")).is_accepted
    told = Event.objects.filter(name="accounts.passkey.added").order_by("id")
    assert [event.details["passkey"] for event in told] == ["Badge", "Desk"]


def test_adding_needs_password_and_factor_of_this_moment():
    with pytest.raises(UnableToEnrol, match="code"):
        add(SecurityKey(), proof=credential("quinn"))
    with pytest.raises(UnableToEnrol, match="your own password"):
        add(SecurityKey(), proof=proven("rosa"))
    assert not Passkey.objects.exists()


def test_it_refuses_a_name_twice_a_key_twice_and_somebody_elses():
    key, proof = SecurityKey(), proven()
    add(key, proof=proof)
    with pytest.raises(UnableToEnrol, match="have a passkey “Badge” already"):
        add(SecurityKey(), proof=proof)
    with pytest.raises(UnableToEnrol, match="added before"):
        add(key, name="Again", proof=proof)
    with pytest.raises(UnableToEnrol, match="added before"):
        add(key, by="rosa")


@pytest.mark.parametrize(
    "said", [{"origin": "https://evil.example"}, {"type": "webauthn.get"}, {"crossOrigin": True}], ids=str
)
def test_it_refuses_a_key_made_elsewhere(said):
    with pytest.raises(UnableToEnrol, match="no passkey that was made for this page"):
        add(SecurityKey(), **said)


def test_it_refuses_a_key_made_for_another_session():
    _, other = passkeys.ask_for_new(username="quinn", printed_name="Quinn", held=[])
    with pytest.raises(UnableToEnrol, match="made for this page"):
        add(SecurityKey(), asked=other)


def remove(*, by="quinn", reason="The key was lost on the train", proof=None):
    return remove_passkey(
        passkey=Passkey.objects.get(), reason=reason, credential=proof or proven(by), by=person(by)
    )


def test_a_removed_one_proves_nothing_any_more_and_ends_every_session(client, key):
    client.force_login(person("quinn"))
    remove()
    assert client.get("/accounts/me/").status_code == 302
    assert refused(sign(answer_of(key, "quinn")))
    assert outcomes()[-1] == "wrong_passkey"
    event = AuditEvent.objects.filter(relation="accounts_passkey", op="UPDATE").get()
    assert (event.actor, event.reason) == ("quinn", "The key was lost on the train")


def test_removing_needs_a_reason_full_proof_and_its_owner(key):
    with pytest.raises(UnableToRemove, match="State why"):
        remove(reason=" ")
    with pytest.raises(UnableToRemove, match="somebody else’s"):
        remove(by="rosa")
    with pytest.raises(UnableToRemove, match="code"):
        remove(proof=credential("quinn"))
    proof = prove_signer(password=PASSWORD, passkey=answer_of(key, "quinn"), by=person("quinn"))
    remove(proof=proof)
    with pytest.raises(ChangedMeanwhile, match="removed already"):
        remove(proof=proof)


def test_a_reset_by_an_administrator_removes_them_all(key):
    reset_authenticator(
        user=person("quinn"), reason="The bag was stolen", credential=credential("root"), by=person("root")
    )
    assert not person("quinn").has_passkey
    assert refused(sign(answer_of(key, "quinn")))
    assert Passkey.objects.get().removal_reason == "The bag was stolen"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("counter = counter - 1", "passkeys_count_up"),
        ("counter = counter", "passkeys_count_up"),
        ("user_id = (SELECT min(id) FROM accounts_user), counter = counter + 1", "passkeys_count_up"),
        ("attested = 'another', counter = counter + 1", "passkeys_count_up"),
        ("name = 'Another', counter = counter + 1", "passkeys_count_up"),
        ("removed_at = now()", "removals_of_passkeys_say_who_and_why"),
    ],
)
def test_the_database_refuses_to_change_what_a_key_is(key, change, rule):
    with pytest.raises(DatabaseError, match=rule):
        execute(f"UPDATE accounts_passkey SET {change}")


def test_the_database_brings_no_removed_key_back(key):
    remove()
    back = "UPDATE accounts_passkey SET removed_at = NULL, removed_by_id = NULL, removal_reason = ''"
    for change in (back, back + ", counter = counter + 1"):
        with pytest.raises(DatabaseError, match="passkeys_count_up"):
            execute(change)
