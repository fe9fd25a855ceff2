"""One at a time: evaluating, reviewing, signing and executing a lot take turns."""

from ..models import Lot
from ..selectors.dossier import lots
from ..states import LotState


def lock(lot: Lot, *, states=LotState.values) -> Lot | None:
    """The lot as it stands now, held until the transaction ends; None if it is in none of `states`.

    Every verb takes the lot before it writes to the order's chain, so that no two wait for each other.
    """
    held = Lot.objects.select_for_update(no_key=True).filter(pk=lot.pk, state__in=states).first()
    return held and lots().get(pk=lot.pk)
