"""An order's chain is called by its lot number and opens the order."""

from django.urls import reverse

from tilmfg.quality.chains import NamedChain, names_chains

from .models import TherapyOrder


@names_chains("order")
def order_chains(ids: list[int]) -> dict[int, NamedChain]:
    orders = TherapyOrder.objects.filter(pk__in=ids).only("coi_id", "lot_number")
    return {
        order.pk: NamedChain(f"Order {order.lot_number}", reverse("order", args=[order.coi_id]))
        for order in orders
    }
