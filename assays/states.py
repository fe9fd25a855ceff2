"""Runs are computed, again when a well is masked, then reviewed or rejected by a second analyst; results are
superseded, never edited."""

from django.db import models

from tilmfg.records.states import Machine


class RunState(models.TextChoices):
    IMPORTED = "imported", "Imported"
    COMPUTED = "computed", "Computed"
    COMPUTING = "computing", "Being computed again"
    INVALID = "invalid", "Invalid"
    REVIEWED = "reviewed", "Reviewed"
    REJECTED = "rejected", "Rejected"


BEING_COMPUTED = (RunState.IMPORTED, RunState.COMPUTING)

RUN = Machine(
    kind="assays.run",
    states=RunState,
    transitions={
        (RunState.IMPORTED, "assays.run.computed"): RunState.COMPUTED,
        (RunState.IMPORTED, "assays.run.found_invalid"): RunState.INVALID,
        (RunState.COMPUTED, "assays.run.wells_masked"): RunState.COMPUTING,
        (RunState.COMPUTED, "assays.run.wells_unmasked"): RunState.COMPUTING,
        (RunState.INVALID, "assays.run.wells_masked"): RunState.COMPUTING,
        (RunState.INVALID, "assays.run.wells_unmasked"): RunState.COMPUTING,
        (RunState.COMPUTING, "assays.run.computed"): RunState.COMPUTED,
        (RunState.COMPUTING, "assays.run.found_invalid"): RunState.INVALID,
        (RunState.COMPUTED, "assays.run.reviewed"): RunState.REVIEWED,
        (RunState.COMPUTED, "assays.run.rejected"): RunState.REJECTED,
        (RunState.INVALID, "assays.run.rejected"): RunState.REJECTED,
    },
)


class ResultState(models.TextChoices):
    RECORDED = "recorded", "Recorded"
    FINAL = "final", "Final"
    SUPERSEDED = "superseded", "Superseded"


RESULT = Machine(
    kind="assays.result",
    states=ResultState,
    transitions={
        (ResultState.RECORDED, "assays.result.finalised"): ResultState.FINAL,
        (ResultState.RECORDED, "assays.result.superseded"): ResultState.SUPERSEDED,
        (ResultState.FINAL, "assays.result.superseded"): ResultState.SUPERSEDED,
    },
)
