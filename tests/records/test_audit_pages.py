"""The audit trail as people search it, read it and take it away."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import connection
from django.urls import reverse

from tests import factories
from tests.cast import person
from tilmfg.facility.models import Site
from tilmfg.identity import vault
from tilmfg.identity.models import Container, PatientVault
from tilmfg.records.context import acting
from tilmfg.records.exports import answer_lines
from tilmfg.records.models import AuditEvent, Event
from tilmfg.records.trail.search import Search, events_fitting, page_of_trail, whole_trail
from tilmfg.records.trail.words import tell

pytestmark = pytest.mark.django_db


def by(username, *, verb="tests.write", reason=""):
    person(username)
    return acting(actor=username, verb=verb, reason=reason)


@pytest.fixture
def corrected():
    """A bottle whose volume olga corrected."""
    bottle = factories.make_order().containers.get()
    with by("olga", verb="batches.container.correct", reason="misread the scale"):
        Container.objects.filter(pk=bottle.pk).update(volume_ml=Decimal("12.5"), expiry_date=date(2030, 1, 2))
    return bottle


def last_told(**search):
    [event, *_], _ = page_of_trail(Search(**search))
    [told] = tell([event])
    return told


def changes(told):
    return {change.label: (change.old, change.new) for change in told.changes}


@pytest.fixture
def open_page(client):
    def get(name, *arguments, username="vera", status=200, **query):
        client.force_login(person(username))
        answer = client.get(reverse(name, args=arguments), query)
        assert answer.status_code == status
        return answer

    return get


# ── Words ────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_told_with_label_unit_and_day(corrected):
    """ALC-2"""
    told = last_told(relation="identity_container", key=str(corrected.pk))
    assert (told.who, told.what, told.record) == (
        "Olga Petrova", "Container: correct", f"Container {corrected.pk}",
    )  # fmt: skip
    assert changes(told) == {"Volume": ("—", "12.5 mL"), "Expiry date": ("—", "2 Jan 2030")}


def test_people_states_and_other_records_are_told_by_their_names():
    order = factories.make_order()
    told = changes(last_told(relation="identity_therapyorder", key=str(order.pk)))
    assert told["Placed by"][1] == "Adam Verhoeven (adam)"
    assert told["Indication"][1] == "Melanoma"
    assert told["Patient"][1] == f"Patient {order.patient_id}"
    assert told["State"][1] == "Ordered"


def test_a_time_is_told_in_the_local_zone_and_in_utc(settings, corrected):
    told = last_told(relation="identity_container", key=str(corrected.pk))
    assert f"{told.event.at:%H:%M:%S} UTC" in told.when
    if settings.TIME_ZONE == "America/New_York":
        from zoneinfo import ZoneInfo

        from django.utils import timezone

        with timezone.override(ZoneInfo("America/New_York")):
            assert told.when.split(" (")[0].endswith(("EST", "EDT"))


def test_a_digest_is_told_as_one_and_a_password_never():
    told = changes(last_told(relation="accounts_user", key=str(person("olga").pk)))
    assert told["Password"][1].startswith("not in the trail; SHA-256 ")


def test_what_is_encrypted_is_told_as_encrypted():
    order = factories.make_order()
    sealed = vault.seal(vault.Identity(name="Ada", birth_date=date(1961, 4, 12), hospital_number="H1"))
    with by("adam"):
        row = PatientVault.objects.create(patient=order.patient, sealed=sealed, wristband_index="x")
    assert changes(last_told(relation="identity_patientvault"))["Sealed"] == ("—", "encrypted")
    with by("adam", reason="the key was changed"):
        PatientVault.objects.filter(pk=row.pk).update(sealed=b"other")
    assert changes(last_told(relation="identity_patientvault"))["Sealed"] == ("encrypted", "encrypted anew")


def test_a_number_is_told_with_its_rows_own_unit_and_no_digit_is_lost():
    factories.make_result(
        factories.make_sample(), "viability", value=Decimal("91.123456789012"), unit="%", decimals=1
    )
    event = AuditEvent.objects.filter(relation="assays_result", op="INSERT").latest("at")
    [told] = tell([event])
    assert changes(told)["Raw value"][1] == "91.123456789012 %"


# ── Search ───────────────────────────────────────────────────────────────────────────────────────


def found(**search):
    events, _ = page_of_trail(Search(**search))
    return [(event.relation, event.key) for event in events]


def test_it_finds_by_who_what_when_and_why(corrected):
    """A11-11"""
    wanted = ("identity_container", str(corrected.pk))
    at = AuditEvent.objects.get(actor="olga", verb="batches.container.correct").at
    for search in (
        {"actors": ("olga",)},
        {"verb": "batches.container.correct"},
        {"relation": "identity_container", "actors": ("olga", "tomas")},
        {"why": "scale misread"},
        {"since": at, "until": at + timedelta(microseconds=1)},
        {"chain": corrected.order.chain, "verb": "batches.container.correct"},
    ):
        assert found(**search) == [wanted], search
    for search in (
        {"actors": ("tomas",)},
        {"why": "misread thermometer"},
        {"verb": "batches.container.correct", "until": at},
        {"chain": "order:0"},
    ):
        assert found(**search) == [], search


def test_words_of_a_reason_are_asked_as_they_are_indexed():
    """That every search is quick among millions is measured by benchmarks/search.py. A11-11."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        assert "event_by_reason " in events_fitting(Search(why="misread")).explain()


@pytest.mark.parametrize("search", [Search(), Search(relation="facility_site")])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(search):
    with by("adam"):
        for number in range(8):
            Site.objects.create(code=f"S{number}", name="x", time_zone="UTC")
    whole = [event.pk for page in whole_trail(search) for event in page]
    paged = [event.pk for page in whole_trail(search, size=3) for event in page]
    assert paged == whole
    assert (
        len(set(whole))
        == len(whole)
        == AuditEvent.objects.filter(**{"relation": search.relation} if search.relation else {}).count()
    )


def test_a_page_that_is_no_page_is_the_first(open_page):
    factories.make_order()
    for rubbish in ("x", "|||", "2026-01-01|c|9" + "9" * 30, "2026-13-45|c|1"):
        open_page("records", before=rubbish)


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_searches_by_name_lot_and_words(open_page, corrected):
    page = open_page(
        "records", who="petrova", chain=corrected.order.lot_number, why="misread", relation="identity_container",
        verb="batches.container.correct",
    ).content.decode()  # fmt: skip
    assert "12.5 mL" in page
    assert "misread the scale" in page
    assert f"Order {corrected.order.lot_number}" in page
    assert "Nothing was recorded that fits" in open_page("records", who="tomas").content.decode()


def test_an_unknown_lot_is_refused_by_its_name_and_stays_typed(open_page):
    page = open_page("records", chain="TIL-1999-0001", status=422).content.decode()
    assert "No lot, order or chain is called “TIL-1999-0001”" in page
    assert 'value="TIL-1999-0001"' in page


def test_a_record_shows_its_whole_history_and_leads_to_its_page(open_page, corrected):
    page = open_page("record_history", "identity_container", corrected.pk).content.decode()
    assert "misread the scale" in page
    assert "new</span>" in page  # its first event, too
    order = open_page("record_history", "identity_therapyorder", corrected.order_id).content.decode()
    assert corrected.order.get_absolute_url() in order


def test_a_record_that_never_was_has_no_history(open_page):
    open_page("record_history", "identity_container", 10**12, status=404)
    open_page("record_history", "nothing_such", 1, status=404)


def test_the_page_of_a_record_leads_readers_of_the_trail_to_its_history(open_page):
    order = factories.make_order()
    address = reverse("record_history", args=["identity_therapyorder", order.pk])
    assert address in open_page("order", order.coi_id).content.decode()
    sample = factories.make_sample()
    address = reverse("record_history", args=["batches_sample", sample.pk])
    assert address in open_page("sample", sample.name).content.decode()
    assert address not in open_page("sample", sample.name, username="ana").content.decode()


# ── Export ───────────────────────────────────────────────────────────────────────────────────────


def exported(answer):
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_search_is_exported_line_by_line_in_words(open_page, corrected):
    lines = exported(open_page("records_export", who="olga"))
    assert [(line["field"], line["before"], line["after"]) for line in lines] == [
        ("Volume", "—", "12.5 mL"),
        ("Expiry date", "—", "2 Jan 2030"),
    ]
    assert {line["reason"] for line in lines} == {"misread the scale"}
    assert {line["belongs_to"] for line in lines} == {f"Order {corrected.order.lot_number}"}
    event = AuditEvent.objects.get(actor="olga", verb="batches.container.correct")
    assert {line["sha256"] for line in lines} == {bytes(event.hash).hex()}


def close(answer):
    """As the server does, but for the database connection, which is the test's."""
    for closer in answer._resource_closers:
        closer()


def told_of_export():
    return [
        (event.name, event.actor.username, event.details)
        for event in Event.objects.filter(chain="facility:exports").order_by("pk")
    ]


def test_an_export_is_itself_on_the_trail_with_what_was_asked_its_rows_and_its_digest(open_page, corrected):
    """Of a trail that other exports lengthen, this is of olga's part."""
    answer = open_page("records_export", who="olga", why="scale")
    asked = {"actors": ["olga"], "why": "scale"}
    [(name, who, details)] = told_of_export()
    assert (name, who, details["asked"]) == ("records.file.begun", "vera", asked)
    content = b"".join(answer.streaming_content)
    _, (name, who, details) = told_of_export()
    assert (name, who, details["asked"]) == ("records.file.exported", "vera", asked)
    assert (details["rows"], details["sha256"]) == (2, sha256(content).hexdigest())
    written = AuditEvent.objects.filter(verb="records.file.export", actor="vera")
    assert {event.request for event in written} == {answer["X-Request-Id"]}
    close(answer)
    assert len(told_of_export()) == 2


def test_a_word_that_the_trail_does_not_hold_does_not_come_into_it_by_being_looked_for(open_page, corrected):
    """SEC-14"""
    for asked in ({"who": "Jane Doe"}, {"why": "Jane Doe"}, {"who": "olga", "why": "misread Jane"}):
        close(open_page("records_export", **asked))
    open_page("records_export", chain="order:Jane", status=422)
    told = [details["asked"] for name, _, details in told_of_export() if name == "records.file.begun"]
    unheard = "(what nobody wrote here)"
    assert told == [{"actors": [unheard]}, {"why": unheard}, {"actors": ["olga"], "why": unheard}]
    assert not AuditEvent.objects.filter(content__icontains="jane").exists()


def test_an_export_that_nobody_read_to_its_end_is_said_to_be_broken_off(rf, corrected):
    request = rf.get("/")
    request.user = person("vera")
    lines = iter(["header\n", "one\n", "two\n"])
    answer = answer_lines(request, lines, name="a.csv", kind="audit trail", asked={})
    assert [next(answer.streaming_content) for _ in range(2)] == [b"header\n", b"one\n"]
    close(answer)
    name, _, details = told_of_export()[-1]
    assert (name, details["rows"]) == ("records.file.broken_off", 1)
    assert details["sha256"] == sha256(b"header\none\n").hexdigest()


def test_an_export_that_failed_is_said_to_be_broken_off(rf):
    def failing():
        yield "header\n"
        raise ValueError

    request = rf.get("/")
    request.user = person("vera")
    answer = answer_lines(request, failing(), name="a.csv", kind="audit trail", asked={})
    with pytest.raises(ValueError):  # noqa: PT011
        list(answer.streaming_content)
    assert [name for name, *_ in told_of_export()] == ["records.file.begun", "records.file.broken_off"]


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "-2+3", "\t=1"])
def test_no_cell_is_a_formula(open_page, formula):
    """SEC-10"""
    with by("adam", reason=formula):
        Site.objects.create(code="F1", name=formula, time_zone="UTC")
    for line in exported(open_page("records_export", relation="facility_site")):
        assert not [cell for cell in line.values() if cell.lstrip().startswith(("=", "+", "@", "\t"))]
        assert line["reason"].startswith("'")
