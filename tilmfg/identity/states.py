"""Orders, containers and labels: their states and what leads from one to the next."""

from django.db import models

from tilmfg.records.states import Machine


class OrderState(models.TextChoices):
    ORDERED = "ordered", "Ordered"
    RECEIVED = "received", "Tumor received"
    STOPPED = "stopped", "Stopped: identity mismatch"
    CANCELLED = "cancelled", "Cancelled"


ORDER = Machine(
    kind="identity.order",
    states=OrderState,
    transitions={
        (OrderState.ORDERED, "identity.tumor.received"): OrderState.RECEIVED,
        (OrderState.ORDERED, "identity.order.stopped"): OrderState.STOPPED,
        (OrderState.RECEIVED, "identity.order.stopped"): OrderState.STOPPED,
        (OrderState.STOPPED, "identity.order.resumed"): OrderState.RECEIVED,
        (OrderState.ORDERED, "identity.order.cancelled"): OrderState.CANCELLED,
    },
)


class ContainerState(models.TextChoices):
    LABELLED = "labelled", "Labelled"
    IN_USE = "in_use", "In use"
    STORED = "stored", "Stored"
    AT_SITE = "at_site", "At the treatment site"
    CONSUMED = "consumed", "Consumed"
    INFUSED = "infused", "Infused"
    DESTROYED = "destroyed", "Destroyed"


CONTAINER = Machine(
    kind="identity.container",
    states=ContainerState,
    transitions={
        (ContainerState.LABELLED, "identity.container.filled"): ContainerState.IN_USE,
        (ContainerState.LABELLED, "identity.container.destroyed"): ContainerState.DESTROYED,
        (ContainerState.IN_USE, "identity.container.consumed"): ContainerState.CONSUMED,
        (ContainerState.IN_USE, "identity.container.stored"): ContainerState.STORED,
        (ContainerState.IN_USE, "identity.container.destroyed"): ContainerState.DESTROYED,
        (ContainerState.STORED, "identity.container.received_at_site"): ContainerState.AT_SITE,
        (ContainerState.STORED, "identity.container.consumed"): ContainerState.CONSUMED,
        (ContainerState.STORED, "identity.container.destroyed"): ContainerState.DESTROYED,
        (ContainerState.AT_SITE, "identity.container.infused"): ContainerState.INFUSED,
        (ContainerState.AT_SITE, "identity.container.destroyed"): ContainerState.DESTROYED,
    },
)


class LabelState(models.TextChoices):
    PRINTED = "printed", "Printed"
    APPLIED = "applied", "Applied"
    DESTROYED = "destroyed", "Destroyed"


LABEL = Machine(
    kind="identity.label",
    states=LabelState,
    transitions={
        (LabelState.PRINTED, "identity.label.applied"): LabelState.APPLIED,
        (LabelState.PRINTED, "identity.label.destroyed"): LabelState.DESTROYED,
    },
)
