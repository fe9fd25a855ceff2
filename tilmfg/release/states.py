"""A lot's way to a decision, and the decision's own way to be carried out."""

from django.db import models

from tilmfg.records.states import Machine


class LotState(models.TextChoices):
    EXPANDING = "expanding", "Expanding"
    IN_TESTING = "in_testing", "In testing"
    QA_REVIEW = "qa_review", "Waiting for QA"
    RELEASED = "released", "Released"
    CONDITIONALLY_RELEASED = "conditionally_released", "Conditionally released"
    PROVIDED_UNDER_EXCEPTION = "provided_under_exception", "Provided under exception"
    ON_HOLD = "on_hold", "On hold"
    REJECTED = "rejected", "Rejected"
    TERMINATED = "terminated", "Terminated"
    RECALLED = "recalled", "Recalled"
    INFUSED = "infused", "Infused"


# The states from which a lot may reach its patient.
PROVIDABLE = (LotState.RELEASED, LotState.CONDITIONALLY_RELEASED, LotState.PROVIDED_UNDER_EXCEPTION)

LOT = Machine(
    kind="release.lot",
    states=LotState,
    transitions={
        (LotState.EXPANDING, "release.lot.harvested"): LotState.IN_TESTING,
        (LotState.EXPANDING, "release.lot.terminated"): LotState.TERMINATED,
        (LotState.IN_TESTING, "release.lot.tested"): LotState.QA_REVIEW,
        (LotState.QA_REVIEW, "release.lot.reopened"): LotState.IN_TESTING,
        (LotState.QA_REVIEW, "release.lot.released"): LotState.RELEASED,
        (LotState.QA_REVIEW, "release.lot.rejected"): LotState.REJECTED,
        (LotState.RELEASED, "release.lot.infused"): LotState.INFUSED,
        (LotState.CONDITIONALLY_RELEASED, "release.lot.infused"): LotState.INFUSED,
        (LotState.PROVIDED_UNDER_EXCEPTION, "release.lot.infused"): LotState.INFUSED,
    },
)


class DispositionState(models.TextChoices):
    REVIEWED = "reviewed", "Reviewed, waiting for the approver"
    SIGNED = "signed", "Signed, being executed"
    EXECUTED = "executed", "Executed"
    VOID = "void", "Void"


DISPOSITION = Machine(
    kind="release.disposition",
    states=DispositionState,
    transitions={
        (DispositionState.REVIEWED, "release.disposition.signed"): DispositionState.SIGNED,
        (DispositionState.REVIEWED, "release.disposition.voided"): DispositionState.VOID,
        (DispositionState.SIGNED, "release.disposition.executed"): DispositionState.EXECUTED,
        (DispositionState.SIGNED, "release.disposition.voided"): DispositionState.VOID,
    },
)
