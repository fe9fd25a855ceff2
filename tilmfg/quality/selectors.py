"""What is known about deviations."""

from django.db.models import Q, QuerySet

from tilmfg.records.models import Event

from .models import Conclusion, Deviation, Investigation
from .states import DEVIATION, DeviationState


def open_deviations(chain: str) -> QuerySet[Deviation]:
    """What still needs QA in this chain, oldest first."""
    return Deviation.objects.filter(chain=chain, state=DeviationState.OPEN).order_by("pk")


def find_deviations(*, text: str, state: str) -> QuerySet[Deviation]:
    """Open, closed or all of them, by number or by words of the title."""
    found = Deviation.objects.select_related("opened_by")
    if state != "all":
        found = found.filter(state=state)
    if text.strip():
        found = found.filter(Q(number__icontains=text.strip()) | Q(title__icontains=text.strip()))
    return found


def conclusions_of(investigation: Investigation) -> QuerySet[Conclusion]:
    """The phases that ended, in their order, each with its signature."""
    return investigation.conclusions.select_related("signature", "investigation__deviation").order_by("phase")


def history_of(deviation: Deviation) -> QuerySet[Event]:
    """What happened to this deviation, oldest first."""
    return (
        Event.objects.filter(subject_kind=DEVIATION.kind, subject_id=deviation.pk)
        .select_related("actor")
        .order_by("pk")
    )
