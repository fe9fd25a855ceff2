"""One at a time: evaluating, reviewing, signing and executing a lot take turns."""

from tilmfg.identity.services import locking as identity

from ..models import Lot
from ..selectors.dossier import lots


def lock(lot: Lot) -> Lot:
    """The lot as it stands now, held until the transaction ends.

    As everywhere, the order is taken first and before anything is written to its chain, so that no two wait
    for each other.
    """
    identity.lock(lot.order)
    Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
    return lots().get(pk=lot.pk)
