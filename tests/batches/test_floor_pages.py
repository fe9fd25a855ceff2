"""The pages of the floor, as a technician goes through them."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.batches import bench
from tests.cast import PASSWORD, person
from tilmfg.batches import services
from tilmfg.batches.models import Batch, StepExecution
from tilmfg.batches.selectors import board
from tilmfg.batches.services.verification import newest, readings_of
from tilmfg.identity.models import Container, Scan
from tilmfg.quality.models import Deviation

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(client):
    for colleague in ("tomas", "ana"):
        person(colleague)
    client.force_login(person("olga"))
    return client


def send(client, url, **fields):
    return client.post(url, {"idempotency_key": str(uuid.uuid4())} | fields)


def address(name, batch, *rest):
    return reverse(name, args=[batch.order.lot_number, *rest])


def text(response):
    return response.content.decode()


def typed(batch, step, **changes):
    """What a technician types into the step's form when nothing is wrong."""
    given = bench.arguments(batch, step)
    fields = {
        "performed_at": f"{given['performed_at']:%Y-%m-%dT%H:%M}",
        "window_reason": "",
        "late_entry_reason": "The network was down",
    }
    fields |= {code: str(value) for code, value in given["readings"].items()}
    fields |= {f"material_{slot}": code for slot, code in given["materials"].items()}
    fields |= {f"equipment_{slot}": code for slot, code in given["equipment"].items()}
    return fields | changes


def test_a_technician_goes_from_the_received_tumor_to_a_verified_step(olga):
    order = factories.make_order(state="received")
    bench.gen2()
    assert "Start batch" in text(olga.get(reverse("floor")))
    started = bench.on_day(-1).strftime("%Y-%m-%dT%H:%M")
    definition = bench.gen2().pk
    start = {"definition": definition, "started_at": started}
    refused = send(olga, reverse("batch_start", args=[order.coi_id]), **start)
    assert (refused.status_code, "say why it is entered now" in text(refused)) == (422, True)
    start |= {"late_entry_reason": "Begun while the network was down"}
    page = send(olga, reverse("batch_start", args=[order.coi_id]), **start)
    assert page.status_code == 302
    batch = Batch.objects.get(order=order)

    step = address("step", batch, "fragment_and_seed")
    send(olga, address("step_labels", batch, "fragment_and_seed"), FL="2")
    for code in ("TB1", "FL1", "FL2"):
        payload = Container.objects.get(order=order, code=code).payload
        page = send(olga, address("step_scan", batch, "fragment_and_seed"), read=payload)
        assert page.status_code == 302
    assert "Everything is labelled and scanned" in text(olga.get(step))
    page = send(olga, step, **typed(batch, "fragment_and_seed"))
    assert page["Location"] == address("step_verify", batch, "fragment_and_seed")

    page = send(
        olga,
        page["Location"],
        seen=olga.get(page["Location"]).context["form"]["seen"].value(),
        second_username="tomas",
        second_password=PASSWORD,
        **{"fragments[FL1]": "55", "fragments[FL2]": "48"},
    )
    assert page["Location"] == address("batch", batch)
    execution = StepExecution.objects.get()
    assert (execution.performed_by, execution.verified_by) == (person("olga"), person("tomas"))
    assert "is verified by Tomás Herrera" in text(olga.get(page["Location"]))


def test_there_is_nothing_to_start_before_the_tumor_is_here_or_once_it_has_begun(olga):
    def start(order):
        return reverse("batch_start", args=[order.coi_id])

    assert olga.get(start(factories.make_order())).status_code == 404
    batch = bench.started()
    assert olga.get(start(batch.order))["Location"] == address("batch", batch)


def test_who_had_the_page_open_when_the_order_was_stopped_is_told(olga):
    order = factories.make_order(state="stopped")
    moment = bench.on_day(-1).strftime("%Y-%m-%dT%H:%M")
    page = send(
        olga, reverse("batch_start", args=[order.coi_id]), definition=bench.gen2().pk, started_at=moment
    )
    assert page.status_code == 422
    assert "Stopped: identity mismatch" in text(page)


@pytest.fixture
def ready():
    """Day 16, everything labelled and scanned."""
    batch = bench.performed_until("split")
    bench.lay_out(batch, "split")
    return batch


def test_the_form_asks_only_when_everything_is_scanned(olga):
    batch = bench.performed_until("split")
    url = address("step", batch, "split")
    assert 'name="volume_ml"' not in text(olga.get(url))
    bench.lay_out(batch, "split")
    assert 'name="volume_ml"' in text(olga.get(url))


def test_a_refused_form_keeps_what_was_typed_and_asks_for_the_reason_there(olga, ready):
    page = send(olga, address("step", ready, "split"), **typed(ready, "split", viability_percent="61.5"))
    assert page.status_code == 422
    assert 'value="61.5"' in text(page)
    assert page.context["form"].errors.keys() == {"reason_viability_percent"}
    assert not StepExecution.objects.filter(step="split").exists()
    page = send(
        olga,
        address("step", ready, "split"),
        **typed(ready, "split", viability_percent="61.5", reason_viability_percent="Counted twice"),
    )
    assert page.status_code == 302
    assert Deviation.objects.get(chain=ready.chain).kind == "out_of_limit"


def test_a_reason_for_what_was_computed_is_asked_for_too(olga, ready):
    few = typed(ready, "split", viable_cells_per_ml="2000000")  # 1e9 cells in three flasks
    page = send(olga, address("step", ready, "split"), **few)
    assert page.context["form"].errors.keys() == {"reason_cells_per_flask"}
    assert 'name="reason_cells_per_flask"' in text(page)


@pytest.mark.parametrize("number", ["seven", "7,5", "1_000", "NaN", "0x10", "٣"])
def test_what_is_no_number_is_refused_beside_its_field(olga, ready, number):
    page = send(olga, address("step", ready, "split"), **typed(ready, "split", volume_ml=number))
    assert f"“{number}” is no number" in page.context["form"].errors["volume_ml"][0]


def test_a_flask_of_another_patient_turns_the_page(olga):
    batch = bench.started(days_ago=1)
    services.label_containers(batch=batch, step="fragment_and_seed", counts={"FL": 1}, by=person("olga"))
    wrong = factories.make_order(state="received").containers.get()
    page = send(olga, address("step_scan", batch, "fragment_and_seed"), read=wrong.payload)
    scan = Scan.objects.get(order=batch.order, matches=False)
    assert page["Location"] == reverse("mismatch", args=[scan.pk])
    batch.order.refresh_from_db()
    assert batch.order.state == "stopped"
    assert "nothing is performed on it" in text(olga.get(address("step", batch, "fragment_and_seed")))


def test_the_same_form_sent_twice_records_once(olga, ready):
    fields = typed(ready, "split") | {"idempotency_key": str(uuid.uuid4())}
    url = address("step", ready, "split")
    first, second = olga.post(url, fields), olga.post(url, fields)
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert StepExecution.objects.filter(step="split").count() == 1


def test_a_page_that_changed_meanwhile_says_by_whom(client, ready):
    fields = typed(ready, "split")
    arguments = bench.arguments(ready, "split", by=person("tomas"))
    services.record_step(batch=ready, step="split", **arguments)
    client.force_login(person("olga"))
    page = client.post(
        address("step", ready, "split"), fields | {"idempotency_key": str(uuid.uuid4())}, follow=True
    )
    assert "recorded already, by Tomás Herrera" in text(page)
    assert "What you sent was not recorded" in text(page)


@pytest.fixture
def recorded(ready):
    services.record_step(batch=ready, step="split", **bench.arguments(ready, "split"))
    return ready


def verification(**changes):
    execution = StepExecution.objects.get(step="split")
    return {
        "seen": newest(readings_of(execution).values()),
        "second_username": "tomas",
        "second_password": PASSWORD,
        "volume_ml": "500",
        "viable_cells_per_ml": "6.4e6",
    } | changes


def test_the_verifier_sees_no_critical_value_and_nothing_computed_from_one(olga, recorded):
    page = text(olga.get(address("step_verify", recorded, "split")))
    shown = page.split('id="content"')[1]
    assert "91" in shown  # viability is not critical
    assert "6400000" not in shown
    assert "6.4" not in shown
    assert "3.2" not in shown  # the total
    assert "500 mL" not in shown.replace("\u00a0", " ")


def test_nobody_verifies_a_value_that_was_corrected_after_they_looked(olga, recorded):
    """Viability is not entered again: it is verified as it was shown."""
    url = address("step_verify", recorded, "split")
    sent = verification(seen=olga.get(url).context["form"]["seen"].value())
    reading = StepExecution.objects.get(step="split").readings.get(parameter="viability_percent")
    corrected = address("reading_correct", recorded, reading.pk)
    assert send(olga, corrected, value="90.5", reason="Digits exchanged").status_code == 302
    page = send(olga, url, **sent)
    assert page.status_code == 409
    assert "90.5" in text(page)
    assert StepExecution.objects.get(step="split").state == "recorded"
    assert page.context["form"]["seen"].value() > sent["seen"]


def test_a_different_reading_is_refused_and_shown_to_both(olga, recorded):
    url = address("step_verify", recorded, "split")
    page = send(olga, url, **verification(volume_ml="550"))
    assert page["Location"] == url
    page = text(olga.get(url))
    assert "Tomás Herrera read something else for Volume after volume reduction" in page
    assert StepExecution.objects.get(step="split").state == "recorded"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"second_password": "guess"}, "second_password"),
        ({"second_username": "olga"}, "second_username"),
        ({"second_username": "ana"}, "second_username"),
        ({"volume_ml": ""}, "volume_ml"),
    ],
)
def test_a_second_person_who_is_none_is_refused(olga, recorded, change, field):
    page = send(olga, address("step_verify", recorded, "split"), **verification(**change))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert StepExecution.objects.get(step="split").state == "recorded"


def test_a_wrong_value_is_corrected_from_the_batch_record(olga, recorded):
    page = text(olga.get(address("batch", recorded)))
    reading = StepExecution.objects.get(step="split").readings.get(parameter="volume_ml")
    url = address("reading_correct", recorded, reading.pk)
    assert url in page
    assert send(olga, url, value="520", reason="Read the wrong line").status_code == 302
    page = text(olga.get(address("batch", recorded)))
    assert "520" in page
    assert "<s>" in page


def test_a_verified_step_is_corrected_with_a_second_person(olga, recorded):
    bench.verify(StepExecution.objects.get(step="split"))
    reading = StepExecution.objects.get(step="split").readings.get(parameter="viability_percent")
    url = address("reading_correct", recorded, reading.pk)
    page = send(olga, url, value="90.5", reason="Digits exchanged")
    assert "second_username" in page.context["form"].errors
    fields = {"second_username": "tomas", "second_password": PASSWORD}
    record = send(olga, url, value="90.5", reason="Digits exchanged", **fields)["Location"]
    assert "confirmed by Tomás Herrera" in text(olga.get(record))


def test_a_critical_value_of_a_verified_step_is_confirmed_unseen(olga, recorded):
    """A11-03"""
    execution = StepExecution.objects.get(step="fragment_and_seed")
    reading = execution.readings.get(parameter="fragments[FL2]")
    url, confirm = (address(name, recorded, reading.pk) for name in ("reading_correct", "reading_confirm"))
    assert olga.get(confirm)["Location"] == url
    fields = {"second_username": "tomas", "second_password": PASSWORD}
    for reads, now in {"83": 48, "84": 84}.items():
        assert send(olga, url, value="84", reason="Digits exchanged")["Location"] == confirm
        page = text(olga.get(confirm))
        assert 'value="84"' not in page
        assert "Digits exchanged" not in page
        record = send(olga, confirm, reentered=reads, **fields)["Location"]
        assert readings_of(execution)["fragments[FL2]"].value == now
        assert "Tomás Herrera read 1 value differently; nothing was corrected then" in text(olga.get(record))


def test_the_batch_record_shows_plan_and_actual(olga):
    batch = bench.performed_until("freeze")
    page = text(olga.get(address("batch", batch)))
    for words in (
        "Day 0: fragment and seed",
        "Viable cells over the days",
        "IFN-γ release",
        "Product bag",
        "QC3",
    ):
        assert words in page


@pytest.mark.parametrize("username", ["quinn", "rosa", "ana", "adam", "vera"])
def test_others_of_the_facility_look_but_do_not_perform(client, ready, username):
    client.force_login(person(username))
    assert client.get(reverse("floor")).status_code == 200
    assert client.get(address("batch", ready)).status_code == 200
    assert client.get(address("step", ready, "split")).status_code == 403
    assert client.get(reverse("batch_start", args=[ready.order.coi_id])).status_code == 403


@pytest.mark.parametrize("username", ["sam", "eve", "root"])
def test_nobody_from_outside_enters_the_floor(client, ready, username):
    client.force_login(person(username))
    assert client.get(reverse("floor")).status_code == 403
    assert client.get(address("batch", ready)).status_code == 403


@pytest.mark.parametrize("path", ["TIL-1999-0001/", "TIL-1999-0001/split/"])
def test_what_does_not_exist_is_not_found(olga, path):
    assert olga.get(f"/floor/{path}").status_code == 404


def test_a_step_that_does_not_exist_is_not_found(olga, ready):
    assert olga.get(address("step", ready, "thaw")).status_code == 404


# --- what is due --------------------------------------------------------------------------------------------------


def column_of(batch, now):
    found = board(now=now)
    return next(
        name
        for name in ("overdue", "now", "soon", "later", "stopped")
        if batch.pk in [card.batch.pk for card in getattr(found, name)]
    )


def test_a_batch_moves_through_the_columns_as_time_passes():
    batch = bench.performed_until("split", days_ago=13)  # day 16 is in three days and lasts two
    opens = bench.on_day(3, hour=0)
    assert column_of(batch, opens - timedelta(hours=25)) == "later"
    assert column_of(batch, opens - timedelta(hours=24)) == "soon"
    assert column_of(batch, opens) == "now"
    assert column_of(batch, bench.on_day(5, hour=0)) == "now"
    assert column_of(batch, bench.on_day(5, hour=0) + timedelta(seconds=1)) == "overdue"


def test_a_step_that_waits_for_its_verifier_is_due_now():
    batch = bench.started()
    bench.record(batch, "fragment_and_seed")
    assert column_of(batch, timezone.now()) == "now"


def test_a_stopped_batch_stands_apart():
    batch = bench.started()
    with factories.writing():
        type(batch.order).objects.filter(pk=batch.order_id).update(state="stopped")
    assert column_of(batch, timezone.now()) == "stopped"


def test_an_empty_floor_says_what_comes_next(olga):
    batch = bench.performed_until("split", days_ago=13)
    page = text(olga.get(reverse("floor")))
    assert "Nothing is due." in page
    assert f"Next: count and split of lot {batch.order.lot_number}" in page


def queries_of(client, url, counter):
    client.get(url)  # warms what is cached for a process's life
    with counter as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_floor_takes_as_many_queries_for_many_batches_as_for_one(olga, django_assert_max_num_queries):
    bench.started(days_ago=3)
    few = queries_of(olga, reverse("floor"), django_assert_max_num_queries(12))
    for _ in range(4):
        bench.started(days_ago=3)
        factories.make_order(state="received")
        factories.make_order()
    assert queries_of(olga, reverse("floor"), django_assert_max_num_queries(12)) == few


def test_the_batch_record_takes_as_many_queries_at_the_end_as_at_the_start(
    olga, django_assert_max_num_queries
):
    early = bench.performed_until("rep_start")
    few = queries_of(olga, address("batch", early), django_assert_max_num_queries(19))
    late = bench.performed_until("freeze")
    assert queries_of(olga, address("batch", late), django_assert_max_num_queries(19)) == few


def test_a_step_page_takes_few_queries(olga, ready, django_assert_max_num_queries):
    queries_of(olga, address("step", ready, "split"), django_assert_max_num_queries(15))
