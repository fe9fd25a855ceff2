"""One at a time: evaluating, reviewing, signing and executing a lot take turns."""

from tilmfg.identity.services import locking as identity

from ..models import Lot
from ..selectors.dossier import lots
from ..states import LotState


def lock(lot: Lot, *, states=LotState.values) -> Lot | None:
    """The lot as it stands now, held until the transaction ends; None if it is in none of `states`.

    As everywhere, the order is taken first and before anything is written to its chain, so that no two wait
    for each other.
    """
    identity.lock(lot.order)
    held = Lot.objects.select_for_update(no_key=True).filter(pk=lot.pk, state__in=states).first()
    return held and lots().get(pk=lot.pk)
