"""Orders are worked on by one transaction at a time."""

from tilmfg.records.errors import UnableTo, require

from ..models import TherapyOrder
from ..states import OrderState

ENDED = (OrderState.STOPPED, OrderState.CANCELLED)


def lock(order: TherapyOrder) -> TherapyOrder:
    """The order as it stands now, held until the end of the transaction; rows that point to it stay free."""
    order.refresh_from_db(from_queryset=TherapyOrder.objects.select_for_update(no_key=True))
    return order


def require_under_way(order: TherapyOrder, refusal: type[UnableTo]) -> None:
    require(
        order.state not in ENDED,
        refusal(
            f"Order {order.lot_number} is {order.get_state_display().lower()}; nothing more is done with it."
        ),
    )
