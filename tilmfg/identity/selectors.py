"""What a person may know of orders and patients."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.facility.selectors import sites_of

from . import isbt128
from .models import TherapyOrder


def orders_visible_to(user: User) -> QuerySet[TherapyOrder]:
    """All of them for the facility's people, those of their site for a site's, none for others."""
    orders = TherapyOrder.objects.all()
    return orders if user.holds(*FACILITY_ROLES) else orders.filter(site__in=sites_of(user))


def order_of(user: User, coi_id: str) -> TherapyOrder:
    """The order of this id, or 404 as if it were not there."""
    return get_object_or_404(orders_visible_to(user).select_related("patient", "site"), coi_id=coi_id)


def search_orders(orders: QuerySet[TherapyOrder], text: str) -> QuerySet[TherapyOrder]:
    """By any identifier, whole or in part: lot number, chain-of-identity id (scanned, typed, with or without its
    check character), pseudonym."""
    text = text.strip()
    try:
        return orders.filter(coi_id=str(isbt128.parse(text).coi_id))
    except isbt128.UnableToReadIdentifier:
        compact = "".join(text.split())
        return orders.filter(
            Q(lot_number__icontains=compact)
            | Q(patient__pseudonym__icontains=compact)
            | Q(coi_id__icontains=compact)
        )
