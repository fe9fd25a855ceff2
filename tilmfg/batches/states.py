"""A batch runs until it is harvested; a step is recorded by one person and verified by another."""

from django.db import models

from tilmfg.records.states import Machine


class BatchState(models.TextChoices):
    IN_PROCESS = "in_process", "In process"
    HARVESTED = "harvested", "Harvested"
    TERMINATED = "terminated", "Terminated"


BATCH = Machine(
    kind="batches.batch",
    states=BatchState,
    transitions={
        (BatchState.IN_PROCESS, "batches.batch.harvested"): BatchState.HARVESTED,
        (BatchState.IN_PROCESS, "batches.batch.terminated"): BatchState.TERMINATED,
    },
)


class StepState(models.TextChoices):
    RECORDED = "recorded", "Recorded"
    VERIFIED = "verified", "Verified"


STEP = Machine(
    kind="batches.step",
    states=StepState,
    transitions={(StepState.RECORDED, "batches.step.verified"): StepState.VERIFIED},
)


class SampleState(models.TextChoices):
    DRAWN = "drawn", "Drawn"
    RECEIVED = "received", "Received by the laboratory"


SAMPLE = Machine(
    kind="batches.sample",
    states=SampleState,
    transitions={(SampleState.DRAWN, "batches.sample.received"): SampleState.RECEIVED},
)
