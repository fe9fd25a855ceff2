"""A new key before the old one, everything sealed anew, the old one gone: everything still opens. SEC-19."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command

from tests.cast import code_of, credential, person, with_authenticator
from tests.factories import make_site
from tests.identity.test_place_order import NUMBER, place
from tilmfg.accounts import codes
from tilmfg.accounts.services import reset_authenticator
from tilmfg.identity import vault
from tilmfg.identity.management.commands import rotate_vault_key
from tilmfg.identity.models import PatientVault
from tilmfg.identity.selectors import wearer_of
from tilmfg.identity.services import UnableToPlaceOrder
from tilmfg.records.models import AuditEvent

pytestmark = pytest.mark.django_db
WHY = "The yearly change of keys is due."


@pytest.fixture
def orders():
    site = make_site("07", "sam")
    return [place(site=site), place(site=site, pseudonym="PT-7002", name="Ole Hansen", hospital_number="9")]


@pytest.fixture
def keys(settings, orders):
    """The older key, under which everything is sealed, and a newer one that stands before it."""
    older, newer = settings.TILMFG_VAULT_KEY, Fernet.generate_key().decode()
    settings.TILMFG_VAULT_KEY = f"{newer},{older}"
    return older, newer


def rotate(reason=WHY):
    told = StringIO()
    call_command("rotate_vault_key", reason=reason, stdout=told)
    return told.getvalue().strip()


def test_every_row_opens_and_is_found_with_the_old_key_gone(orders, keys, settings):
    before = list(PatientVault.objects.order_by("pk").values_list("sealed", "wristband_index"))
    assert rotate() == "2 of 2 patients and 0 authenticators sealed anew."
    _, settings.TILMFG_VAULT_KEY = keys
    after = list(PatientVault.objects.order_by("pk").values_list("sealed", "wristband_index"))
    assert [vault.unseal(sealed).name for sealed, _ in after] == ["Marguerite Dubois", "Ole Hansen"]
    assert wearer_of(orders[0], NUMBER) == orders[0].patient
    assert wearer_of(orders[1], "9") == orders[1].patient
    assert not {index for _, index in before} & {index for _, index in after}


def test_the_old_key_opens_nothing_any_more(keys, settings):
    rotate()
    settings.TILMFG_VAULT_KEY, _ = keys
    for row in PatientVault.objects.all():
        with pytest.raises(InvalidToken):
            vault.unseal(row.sealed)


def test_authenticators_work_with_the_old_key_gone(settings):
    olga = with_authenticator("olga")
    older, newer = settings.TILMFG_VAULT_KEY, Fernet.generate_key().decode()
    code = code_of(olga)
    settings.TILMFG_VAULT_KEY = f"{newer},{older}"
    assert rotate() == "0 of 0 patients and 1 authenticators sealed anew."
    settings.TILMFG_VAULT_KEY = newer
    held = olga.authenticators.get(removed_at=None)
    assert code_of(olga) == code
    assert codes.step_of(held.sealed, code) is not None


def test_an_authenticator_that_was_removed_stays_as_it_is(settings):
    olga = with_authenticator("olga")
    reset_authenticator(
        user=olga, reason="The telephone was lost.", credential=credential("root"), by=person("root")
    )
    settings.TILMFG_VAULT_KEY = f"{Fernet.generate_key().decode()},{settings.TILMFG_VAULT_KEY}"
    assert rotate() == "0 of 0 patients and 0 authenticators sealed anew."


def test_nobody_is_lost_between_the_new_key_and_the_rotation(orders, keys):
    """A person known under one pseudonym is known as such under either key."""
    assert wearer_of(orders[0], NUMBER) == orders[0].patient
    assert place().patient == orders[0].patient
    with pytest.raises(UnableToPlaceOrder, match=r"wristband|known"):
        place(pseudonym="PT-7003")


def test_a_rotation_that_was_interrupted_goes_on_where_it_stopped(monkeypatch, orders, keys, settings):
    reseal, done = rotate_vault_key.reseal, []

    def interrupted(**arguments):
        if done:
            raise KeyboardInterrupt
        done.append(reseal(**arguments))
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(rotate_vault_key, "reseal", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rotate()
    assert [wearer_of(order, number) for order, number in zip(orders, (NUMBER, "9"), strict=True)] == [
        order.patient for order in orders
    ]
    assert rotate() == "1 of 2 patients and 0 authenticators sealed anew."
    assert rotate() == "0 of 2 patients and 0 authenticators sealed anew."


def test_the_trail_says_why_and_nothing_of_anybody(orders, keys):
    rotate()
    changes = AuditEvent.objects.filter(relation="identity_patientvault", verb="identity.vault.reseal")
    assert {(change.actor, change.reason) for change in changes} == {("celery", WHY)}
    assert len(changes) == 2
    assert not [change for change in changes if "Dubois" in change.content or NUMBER in change.content]


def test_the_old_key_must_be_there_to_rotate(keys, settings):
    _, settings.TILMFG_VAULT_KEY = keys
    with pytest.raises(CommandError, match="none of the keys"):
        rotate()


@pytest.mark.parametrize("reason", ["", "n/a"])
def test_it_refuses_without_a_reason(keys, reason):
    with pytest.raises(CommandError, match=r"why the key|says nothing"):
        rotate(reason)
    assert not AuditEvent.objects.filter(verb="identity.vault.reseal").exists()
