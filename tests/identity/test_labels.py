import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from tests.cast import person
from tests.factories import make_order, writing
from tests.identity.test_place_order import place
from tilmfg.documents.contents import PrintedLabel
from tilmfg.identity.label_content import is_provisional, label_content
from tilmfg.identity.models import Container, Label
from tilmfg.identity.services import UnableToLabel, apply_label, destroy_label, print_label
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import Event
from tilmfg.records.states import UnableToAdvance

pytestmark = pytest.mark.django_db


@pytest.fixture
def quick_printer(monkeypatch):
    """Typesetting and reading back is the documents' own test."""

    def print_on_paper(content):
        return PrintedLabel(
            pdf=b"%PDF-" + content.label_id.encode(), payload=content.payload, decoded=content.payload
        )

    monkeypatch.setattr("tilmfg.identity.services.labels.print_on_paper", print_on_paper)


def bottle_of(order):
    return order.containers.get(code="TB1")


def test_the_printed_label_was_read_back_and_is_kept():
    order = place()
    label, pdf = print_label(container=bottle_of(order), by=person("adam"))
    label.refresh_from_db()
    assert pdf.startswith(b"%PDF-")
    assert bytes(label.pdf) == pdf
    assert label.pdf_digest == hashlib.sha256(pdf).hexdigest()
    assert label.decoded == label.payload == f"&/{order.coi_id}.TB1"
    assert (label.copy, label.state) == (1, "printed")
    assert Event.objects.filter(name="identity.label.printed", chain=order.chain).exists()


def test_the_label_names_the_pseudonym_and_never_the_person():
    order = place()
    content = label_content(bottle_of(order), copy=1, printed_at=order.placed_at)
    assert content.patient_pseudonym == "PT-7001"
    assert content.check_character == order.check_character
    assert content.provisional
    assert "FOR AUTOLOGOUS USE ONLY" in content.statements
    assert not any(text in str(content) for text in ("Dubois", "H-00", "00 4711", "1961-04", "date(1961"))


def test_ids_under_a_number_of_the_facilitys_own_are_not_provisional():
    assert not is_provisional("CHN123426000042")


@pytest.mark.parametrize("kind", Container.Kind.values)
def test_there_is_a_label_for_every_kind_of_container(kind):
    order = make_order()
    container = Container(order=order, code="XX1", kind=kind)
    content = label_content(container, copy=1, printed_at=order.placed_at)
    assert content.contents
    assert content.storage


@pytest.mark.usefixtures("quick_printer")
class TestReconciliation:
    def test_printing_again_needs_a_reason(self):
        bottle = bottle_of(make_order())
        print_label(container=bottle, by=person("adam"))
        with pytest.raises(UnableToLabel) as refused:
            print_label(container=bottle, by=person("adam"))
        assert refused.value.field == "reason"
        label, _ = print_label(container=bottle, reason="The first one tore.", by=person("olga"))
        assert (label.copy, label.reprint_reason) == (2, "The first one tore.")
        assert Label.objects.count() == 2

    @pytest.mark.parametrize("state", ["stopped", "cancelled"])
    def test_nothing_is_printed_or_applied_for_an_order_that_has_ended(self, state):
        with pytest.raises(UnableToLabel, match="nothing more is done"):
            print_label(container=bottle_of(make_order(state=state)), by=person("adam"))

    def test_a_stopped_orders_label_is_destroyed_and_not_applied(self):
        order = make_order()
        label, _ = print_label(container=bottle_of(order), by=person("adam"))
        with writing():
            type(order).objects.filter(pk=order.pk).update(state="stopped")
        with pytest.raises(UnableToLabel, match="nothing more is done"):
            apply_label(label=label, by=person("olga"))
        destroy_label(label=label, by=person("olga"))
        label.refresh_from_db()
        assert label.state == "destroyed"

    def test_an_emptied_container_gets_no_label(self):
        bottle = bottle_of(make_order(state="received"))
        with writing():
            Container.objects.filter(pk=bottle.pk).update(state="consumed")
        bottle.refresh_from_db()
        with pytest.raises(UnableToLabel, match="no label any more"):
            print_label(container=bottle, by=person("olga"))

    def test_each_paper_is_accounted_for_once(self):
        label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
        stale = Label.objects.get(pk=label.pk)
        apply_label(label=label, by=person("olga"))
        event = Event.objects.get(name="identity.label.applied")
        assert (event.subject_id, event.actor) == (label.pk, person("olga"))
        with pytest.raises(UnableToAdvance):
            destroy_label(label=label, by=person("olga"))
        with pytest.raises(ChangedMeanwhile):
            destroy_label(label=stale, by=person("tomas"))

    @pytest.mark.parametrize("who", ["ana", "quinn", "rosa", "sam", "vera", "eve"])
    def test_it_refuses_whoever_labels_nothing(self, who):
        with pytest.raises(NotAuthorised):
            print_label(container=bottle_of(make_order()), by=person(who))

    def test_the_database_keeps_no_label_that_reads_otherwise(self):
        label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
        with (
            pytest.raises(DatabaseError, match="labels_read_as_they_were_meant"),
            transaction.atomic(),
            writing(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE identity_label SET decoded = 'x' WHERE id = %s", [label.pk])

    def test_the_database_puts_no_label_on_another_orders_container(self):
        label, _ = print_label(container=bottle_of(make_order()), by=person("adam"))
        other = bottle_of(make_order())
        with (
            pytest.raises(DatabaseError, match="rows_of_one_order_stay_together"),
            transaction.atomic(),
            writing(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE identity_label SET container_id = %s WHERE id = %s", [other.pk, label.pk])
