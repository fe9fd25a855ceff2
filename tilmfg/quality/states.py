"""A deviation is open until it is closed by signature; an investigation goes phase by phase."""

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


class InvestigationState(models.TextChoices):
    PHASE_ONE = "phase_one", "Phase I"
    PHASE_TWO = "phase_two", "Phase II"
    INVALIDATED = "invalidated", "Result invalidated"
    CONFIRMED = "confirmed", "Result confirmed"


UNCONCLUDED = (InvestigationState.PHASE_ONE, InvestigationState.PHASE_TWO)

# Phase I asks whether the laboratory erred; phase II what else may explain the result, with the retests planned for it.
INVESTIGATION = Machine(
    kind="quality.investigation",
    states=InvestigationState,
    transitions={
        (InvestigationState.PHASE_ONE, "quality.investigation.invalidated"): InvestigationState.INVALIDATED,
        (InvestigationState.PHASE_ONE, "quality.investigation.widened"): InvestigationState.PHASE_TWO,
        (InvestigationState.PHASE_TWO, "quality.investigation.invalidated"): InvestigationState.INVALIDATED,
        (InvestigationState.PHASE_TWO, "quality.investigation.confirmed"): InvestigationState.CONFIRMED,
    },
)
