from datetime import timedelta

import pytest

from tests import factories
from tests.batches import bench
from tests.cast import person
from tilmfg.batches import services
from tilmfg.batches.services.bench import UnableToLabel, UnableToScan
from tilmfg.batches.services.due import UnableToRecord
from tilmfg.identity.models import Container, Scan
from tilmfg.quality.models import Deviation
from tilmfg.records.days import facility_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return bench.started()


def label(batch, step="fragment_and_seed", **counts):
    return services.label_containers(batch=batch, step=step, counts=counts, by=person("olga"))


def scan(batch, read, step="fragment_and_seed"):
    return services.scan_container(batch=batch, step=step, read=read, by=person("olga"))


def container(batch, code):
    return Container.objects.get(order=batch.order, code=code)


def test_it_labels_as_many_as_are_wanted(batch):
    made = label(batch, FL=3)
    assert [(item.code, item.number, item.group_size) for item in made] == [
        ("FL1", 1, 3), ("FL2", 2, 3), ("FL3", 3, 3),
    ]  # fmt: skip


@pytest.mark.parametrize("count", [5, -1])
def test_it_refuses_more_than_the_process_fills(batch, count):
    with pytest.raises(UnableToLabel, match=f"{count} is not within 1 to 4"):
        label(batch, FL=count)


def test_it_refuses_what_the_step_does_not_fill(batch):
    with pytest.raises(UnableToLabel, match="No BG is filled in this step"):
        label(batch, BG=1)


def test_it_refuses_to_label_again_what_is_still_empty(batch):
    label(batch, FL=2)
    with pytest.raises(UnableToLabel, match="FL1, FL2 is labelled already"):
        label(batch, FL=1)


def test_labels_of_another_number_are_made_after_the_first_are_destroyed(batch):
    label(batch, FL=4)
    services.discard_containers(
        batch=batch, step="fragment_and_seed", prefix="FL", reason="Too little tissue", by=person("olga")
    )
    assert [item.code for item in label(batch, FL=2)] == ["FL5", "FL6"]
    assert container(batch, "FL1").state == "destroyed"


def test_bags_carry_their_expiry_and_each_sample_gets_a_vial():
    batch = bench.performed_until("harvest")
    made = label(batch, "harvest", BG=2)
    bags = [item for item in made if item.kind == "bag"]
    assert {bag.expiry_date for bag in bags} == {facility_today() + timedelta(days=365)}
    assert sum(item.kind == "vial" for item in made) == 7


def test_it_takes_scans_in_any_order(batch):
    label(batch, FL=2)
    for code in ("FL2", "TB1", "FL1"):
        assert scan(batch, container(batch, code).payload).matches
    with pytest.raises(UnableToScan, match="FL2 is scanned already"):
        scan(batch, container(batch, "FL2").payload)


def test_it_takes_a_typed_id_with_its_check_character(batch):
    label(batch, FL=2)
    order = batch.order
    assert scan(batch, f"{order.coi_id} {order.check_character} FL1").matches


def test_a_flask_of_another_patient_stops_the_line(batch):
    other = bench.started()
    label(batch, FL=1)
    label(other, FL=1)
    wrong = scan(batch, container(other, "FL1").payload)
    assert not wrong.matches
    batch.order.refresh_from_db()
    assert batch.order.state == "stopped"
    assert Deviation.objects.get(chain=batch.chain).classification == "critical"
    with pytest.raises(UnableToRecord, match="nothing is performed on it"):
        scan(batch, container(batch, "FL1").payload)


def test_a_flask_of_the_same_patient_from_another_step_stops_the_line():
    batch = bench.performed_until("split")
    assert not scan(batch, container(batch, "FL1").payload, "split").matches
    batch.order.refresh_from_db()
    assert batch.order.state == "stopped"


def test_a_wrong_flask_stops_the_line_even_when_all_are_scanned(batch):
    bench.lay_out(batch, "fragment_and_seed")
    other = factories.make_order(state="received")
    assert not scan(batch, other.containers.get().payload).matches


@pytest.mark.parametrize("text", ["INC-001", "&/CHA9999", "", "CHA999926000001 FL1"])
def test_what_is_no_label_of_ours_is_refused_and_stops_nothing(batch, text):
    label(batch, FL=1)
    with pytest.raises(UnableToScan) as refused:
        scan(batch, text)
    assert refused.value.field == "read"
    assert not Scan.objects.filter(order=batch.order).exists()


def test_the_order_alone_names_no_container(batch):
    label(batch, FL=1)
    with pytest.raises(UnableToScan, match="scan the label of the container itself"):
        scan(batch, f"&/{batch.order.coi_id}")
