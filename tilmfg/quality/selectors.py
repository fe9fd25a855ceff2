"""What is known about deviations."""

from tilmfg.records.models import Event

from .models import Deviation
from .states import DEVIATION, DeviationState


def open_deviations(chain):
    """What still needs QA in this chain, oldest first."""
    return Deviation.objects.filter(chain=chain, state=DeviationState.OPEN).order_by("pk")


def history_of(deviation):
    """What happened to this deviation, oldest first."""
    return (
        Event.objects.filter(subject_kind=DEVIATION.kind, subject_id=deviation.pk)
        .select_related("actor")
        .order_by("pk")
    )
