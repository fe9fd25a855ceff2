"""The pages of the treatment site."""

import uuid

import pytest
from django.urls import reverse

from tests.cast import person
from tests.treatment.bedside import bags, check, lot_at_bedside
from tilmfg.identity.models import Scan, TherapyOrder
from tilmfg.release.states import LotState
from tilmfg.treatment.models import BedsideCheck

pytestmark = pytest.mark.django_db


class TestPages:
    """A wrong label stays on record although another field of the form is refused."""

    def post(self, client, name, lot, bag, **fields):
        client.force_login(person("sam"))
        url = reverse(name, args=[lot.number, bag.code])
        return client.post(url, fields | {"idempotency_key": str(uuid.uuid4())})

    def test_another_patients_wristband_stops_the_order_whatever_else_is_missing(self, client):
        lot = lot_at_bedside()
        bag = bags(lot)[0]
        lot_at_bedside(wristband="H2")
        answer = self.post(client, "bedside", lot, bag, wristband="H2", second_password="wrong")
        failed = BedsideCheck.objects.get()
        assert answer["Location"] == reverse("bedside_mismatch", args=[lot.number, failed.pk])
        assert (failed.matches, failed.second, failed.bag_scan) == (False, None, None)
        assert TherapyOrder.objects.get(pk=lot.order_id).state == "stopped"
        page = client.get(answer["Location"]).content.decode()
        assert "another patient’s wristband" in page
        assert failed.patient.pseudonym in page

    @pytest.mark.parametrize("field", ["cassette_read", "bag_read"])
    def test_another_patients_label_stops_the_order_whatever_else_is_missing(self, client, field):
        lot, other = lot_at_bedside(), lot_at_bedside(wristband="H2")
        answer = self.post(client, "bedside", lot, bags(lot)[0], **{field: bags(other)[0].payload})
        assert answer.status_code == 302
        assert TherapyOrder.objects.get(pk=lot.order_id).state == "stopped"
        assert Scan.objects.get(matches=False).read == bags(other)[0].payload
        assert client.get(answer["Location"]).status_code == 200

    def test_the_right_labels_with_a_wrong_password_leave_nothing_and_keep_what_was_read(self, client):
        lot = lot_at_bedside()
        bag = bags(lot)[0]
        read = {"wristband": "H1", "cassette_read": bag.payload, "bag_read": bag.payload}
        answer = self.post(
            client, "bedside", lot, bag, second_username="nora", second_password="wrong", **read
        )
        assert answer.status_code == 422
        assert bag.payload in answer.content.decode().replace("&amp;", "&")
        assert not BedsideCheck.objects.exists()

    def test_a_check_that_matched_has_no_page_of_what_differed(self, client):
        lot = lot_at_bedside()
        passed = check(lot)
        client.force_login(person("sam"))
        assert client.get(reverse("bedside_mismatch", args=[lot.number, passed.pk])).status_code == 404

    def test_another_patients_bag_on_arrival_stops_the_order_whatever_else_is_missing(self, client):
        lot, other = lot_at_bedside(bag_state="stored"), lot_at_bedside(wristband="H2")
        answer = self.post(client, "receive_at_site", lot, bags(lot)[0], read=bags(other)[0].payload)
        assert answer["Location"] == reverse("mismatch", args=[lot.order.scans.get().pk])
        assert TherapyOrder.objects.get(pk=lot.order_id).state == "stopped"

    def test_ended_lots_are_a_list_of_their_own(self, client):
        waiting, over = lot_at_bedside(), lot_at_bedside(LotState.REJECTED, wristband="H2")
        client.force_login(person("sam"))
        under_way, ended = (client.get(reverse("treatment") + q).content.decode() for q in ("", "?ended"))
        assert [number in under_way for number in (waiting.number, over.number)] == [True, False]
        assert [number in ended for number in (waiting.number, over.number)] == [False, True]
