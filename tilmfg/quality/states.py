"""A deviation is open until it has been investigated and closed by signature."""

from django.db import models

from tilmfg.records.states import Machine


class DeviationState(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


DEVIATION = Machine(
    kind="quality.deviation",
    states=DeviationState,
    transitions={(DeviationState.OPEN, "quality.deviation.closed"): DeviationState.CLOSED},
)
