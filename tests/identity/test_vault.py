from datetime import date

import pytest
from cryptography.fernet import Fernet, InvalidToken

from tests.cast import person
from tests.factories import make_order, make_site
from tests.identity.test_place_order import NUMBER, place
from tilmfg.identity import vault
from tilmfg.identity.services import read_vault, read_wristband
from tilmfg.identity.vault import Identity
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import AuditEvent, Event

SOMEBODY = Identity(name="Inês Ferraz", birth_date=date(1970, 1, 31), hospital_number="AB-12 34")


def test_what_was_sealed_opens_again_and_says_nothing_sealed():
    sealed = vault.seal(SOMEBODY)
    assert vault.unseal(sealed) == SOMEBODY
    assert b"Ferraz" not in sealed


def test_an_older_key_still_opens_and_finds_after_a_new_one_was_added(settings):
    sealed, index = vault.seal(SOMEBODY), vault.wristband_index("07", "AB1234")
    older = settings.TILMFG_VAULT_KEY
    settings.TILMFG_VAULT_KEY = f"{Fernet.generate_key().decode()}, {older}"
    assert vault.unseal(sealed) == SOMEBODY
    assert index in vault.wristband_indexes("07", "ab 12-34")
    newly_sealed = vault.seal(SOMEBODY)
    settings.TILMFG_VAULT_KEY = older
    with pytest.raises(InvalidToken):
        vault.unseal(newly_sealed)


@pytest.mark.parametrize("worn", ["AB1234", "ab-12 34", " AB.12.34 ", "AB‑12‑34", "ＡＢ１２３４"])
def test_a_wristband_is_the_same_however_it_is_spaced(worn):
    assert vault.wristband_index("07", worn) == vault.wristband_index("07", "AB-12 34")


def test_the_index_depends_on_number_site_and_key(settings):
    index = vault.wristband_index("07", "1234")
    assert vault.wristband_index("07", "1235") != index
    assert vault.wristband_index("11", "1234") != index
    settings.TILMFG_VAULT_KEY = Fernet.generate_key().decode()
    assert vault.wristband_index("07", "1234") != index


@pytest.mark.django_db
class TestReading:
    def test_it_is_on_record_without_what_was_read(self):
        order = place()
        read_vault(patient=order.patient, purpose="call of the site", by=person("adam"))
        event = Event.objects.get(name="identity.vault.read")
        assert event.chain == "facility:identity"
        assert event.details == {"pseudonym": "PT-7001", "purpose": "call of the site"}
        trail = AuditEvent.objects.get(relation="records_event", key=str(event.pk))
        assert (trail.actor, trail.verb) == ("adam", "identity.vault.read")
        assert "Dubois" not in trail.content

    @pytest.mark.parametrize("who", ["olga", "ana", "quinn", "rosa", "vera", "root", "eve"])
    def test_it_is_refused_to_whoever_need_not_know(self, who):
        order = place()
        with pytest.raises(NotAuthorised):
            read_vault(patient=order.patient, purpose="curiosity", by=person(who))
        with pytest.raises(NotAuthorised):
            read_wristband(text=NUMBER, order=order, by=person(who))

    def test_a_site_reads_its_own_patients_only(self):
        order = place(site=make_site("07", "sam"))
        make_site("11", "nora")
        assert (
            read_vault(patient=order.patient, purpose="bedside", by=person("sam")).name == "Marguerite Dubois"
        )
        with pytest.raises(NotAuthorised):
            read_vault(patient=order.patient, purpose="bedside", by=person("nora"))
        with pytest.raises(NotAuthorised):
            read_wristband(text=NUMBER, order=order, by=person("nora"))

    def test_a_wristband_finds_its_patient_at_its_hospital_only(self):
        order = place(site=make_site("07", "sam"))
        elsewhere = place(
            site=make_site("11", "sam"), pseudonym="PT-7002", name="Ole Hansen", hospital_number="9"
        )
        sam = person("sam")
        assert read_wristband(text=" h 004711", order=order, by=sam) == order.patient
        assert read_wristband(text="4711", order=order, by=sam) is None
        assert read_wristband(text="9", order=order, by=sam) is None
        assert read_wristband(text=NUMBER, order=elsewhere, by=sam) is None

    def test_a_wristband_of_another_patient_of_the_hospital_is_told_as_theirs(self):
        order = place(site=make_site("07", "sam"))
        other = place(pseudonym="PT-7002", name="Ole Hansen", hospital_number="9")
        assert read_wristband(text="9", order=order, by=person("sam")) == other.patient

    def test_each_reading_is_an_event_of_the_order_without_the_number(self):
        order = place(site=make_site("07", "sam"))
        read_wristband(text=NUMBER, order=order, by=person("sam"))
        read_wristband(text="4712", order=order, by=person("sam"))
        events = Event.objects.filter(name="identity.wristband.read", chain=order.chain).order_by("pk")
        assert [event.details for event in events] == [
            {"matches": True},
            {"matches": False},
        ]

    def test_an_order_without_a_vault_entry_has_no_wristband(self):
        order = make_order(site=make_site("07", "sam"))
        assert read_wristband(text="1", order=order, by=person("sam")) is None
