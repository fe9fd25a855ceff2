"""The site takes over bag by bag."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests import factories
from tests.cast import person
from tests.treatment.bedside import bags, check, close, lot_at_bedside
from tilmfg.identity.models import TherapyOrder
from tilmfg.quality.models import Deviation
from tilmfg.treatment import services

pytestmark = pytest.mark.django_db


class TestReceipt:
    def receive(self, lot, bag=None, **changes):
        bag = bag or bags(lot)[0]
        arrival = {
            "lot": lot,
            "container": bag,
            "read": bag.payload,
            "courier": "Cryo Couriers",
            "temperature_c": Decimal("-180"),
            "condition": "Sealed.",
            "received_at": timezone.now(),
            "by": person("sam"),
        }
        return services.receive_product(**arrival | changes)

    def test_it_takes_over_a_bag(self):
        lot = lot_at_bedside(bag_state="stored")
        assert self.receive(lot).matches
        assert bags(lot)[0].state == "at_site"

    def test_a_bag_that_arrived_warm_is_not_checked_before_qa_has_closed_the_deviation(self):
        lot = lot_at_bedside(bag_state="stored")
        with pytest.raises(services.UnableToReceive, match="warmer") as refusal:
            self.receive(lot, temperature_c=Decimal("-149"))
        assert refusal.value.field == "reason"
        self.receive(lot, temperature_c=Decimal("-149"), reason="The shipper fell over.")
        with pytest.raises(services.UnableToCheck, match="is open"):
            check(lot)
        close(Deviation.objects.get())
        assert check(lot).matches

    def test_another_bag_of_the_order_is_received_on_its_own_page(self):
        lot = lot_at_bedside(bag_state="stored")
        with pytest.raises(services.UnableToReceive, match="not BG1"):
            self.receive(lot, read=bags(lot)[1].payload)
        assert TherapyOrder.objects.get(pk=lot.order_id).state == "received"

    def test_a_receipt_entered_late_says_why(self):
        lot = lot_at_bedside(bag_state="stored")
        an_hour_ago = timezone.now() - timedelta(hours=1)
        with pytest.raises(services.UnableToReceive, match="Say why"):
            self.receive(lot, received_at=an_hour_ago)
        assert self.receive(lot, received_at=an_hour_ago, late_entry_reason="The network was down.").matches

    def test_a_stopped_order_is_seen_although_the_page_was_loaded_before(self):
        lot = lot_at_bedside(bag_state="stored")
        with factories.writing():
            TherapyOrder.objects.filter(pk=lot.order_id).update(state="stopped")
        with pytest.raises(services.UnableToReceive, match="not in good standing"):
            self.receive(lot)
