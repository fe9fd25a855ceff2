"""An order's chain is called by its lot number, opens the order, and is found by either of its numbers."""

from django.db.models import Q
from django.urls import reverse

from tilmfg.records.chains import NamedChain, finds_chains, names_chains

from .models import TherapyOrder


@names_chains("order")
def order_chains(ids: list[int]) -> dict[int, NamedChain]:
    orders = TherapyOrder.objects.filter(pk__in=ids).only("coi_id", "lot_number")
    return {
        order.pk: NamedChain(f"Order {order.lot_number}", reverse("order", args=[order.coi_id]))
        for order in orders
    }


@finds_chains
def chain_of_order(text: str) -> str | None:
    """By lot number or chain-of-identity id, with or without its check character."""
    number = text.strip().upper()
    named = Q(lot_number=number) | Q(coi_id__in=[number, number[:-1]])
    order = TherapyOrder.objects.filter(named).only("pk").first()
    return order.chain if order else None
