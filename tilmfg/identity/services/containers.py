"""Containers are labelled, filled from others, consumed and stored."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.states import advance

from .. import rules
from ..models import Container, CustodyEvent, Lineage, TherapyOrder
from ..states import CONTAINER, ContainerState
from .locking import lock, require_under_way

MOST_AT_ONCE = 99


class UnableToChangeContainer(UnableTo):
    """The container stays as it was."""


@verb("identity.container.label", roles=(Role.TECHNICIAN, Role.IDENTITY_ADMINISTRATOR))
def label_containers(
    *, order: TherapyOrder, kind: str, count: int, by: User, expiry_date: date | None = None
) -> list[Container]:
    """Containers that exist from now on, 1 to `count` of `count`, with the order's next codes. Prints nothing."""
    require(
        kind in Container.Kind.values,
        UnableToChangeContainer(
            f"“{kind}” is no kind of container; it can be {', '.join(Container.Kind.values)}.", field="kind"
        ),
    )
    require(
        1 <= count <= MOST_AT_ONCE,
        UnableToChangeContainer(f"{count} containers at once; it can be 1 to {MOST_AT_ONCE}.", field="count"),
    )
    require_under_way(lock(order), UnableToChangeContainer)
    codes = rules.next_codes(kind, order.containers.values_list("code", flat=True), count)
    containers = [
        Container.objects.create(
            order=order, code=code, kind=kind, number=number, group_size=count, expiry_date=expiry_date
        )
        for number, code in enumerate(codes, start=1)
    ]
    for container in containers:
        publish(
            "identity.container.labelled",
            subject=container,
            kind=CONTAINER.kind,
            by=by,
            to_state=container.state,
            details={"code": container.code},
        )
    return containers


@verb("identity.container.fill", roles=(Role.TECHNICIAN,))
def fill(
    *,
    container: Container,
    parents: Sequence[tuple[Container, Decimal | None, Decimal | None]],
    volume_ml: Decimal | None,
    viable_cells: Decimal | None,
    by: User,
) -> Container:
    """Fill a labelled container from others: each parent with the volume and the viable cells it gave."""
    require_under_way(lock(container.order), UnableToChangeContainer)
    require(parents, UnableToChangeContainer(f"{container}: name the containers it is filled from."))
    for parent, *_ in parents:
        require(
            parent.order_id == container.order_id,
            UnableToChangeContainer(f"{parent} belongs to another order than {container}."),
        )
        require(
            parent.state in (ContainerState.IN_USE, ContainerState.STORED),
            UnableToChangeContainer(
                f"{parent} is {parent.get_state_display().lower()}; nothing is taken from it."
            ),
        )
    container.volume_ml, container.viable_cells = volume_ml, viable_cells
    container.save(update_fields=["volume_ml", "viable_cells"])
    for parent, volume, cells in parents:
        Lineage.objects.create(
            order=container.order, parent=parent, child=container, volume_ml=volume, viable_cells=cells
        )
    advance(
        container,
        machine=CONTAINER,
        event="identity.container.filled",
        by=by,
        details={"code": container.code, "from": [parent.code for parent, *_ in parents]},
    )
    return container


@verb("identity.container.consume", roles=(Role.TECHNICIAN, Role.ANALYST))
def consume(*, container: Container, by: User) -> Container:
    """What was in it has gone into others or into a test."""
    require_under_way(lock(container.order), UnableToChangeContainer)
    advance(
        container,
        machine=CONTAINER,
        event="identity.container.consumed",
        by=by,
        details={"code": container.code},
    )
    return container


@verb("identity.container.store", roles=(Role.TECHNICIAN,))
def store(*, container: Container, place: str, by: User, performed_at: datetime | None = None) -> Container:
    """Put it into storage at `place`: now, unless the person says when."""
    require_under_way(lock(container.order), UnableToChangeContainer)
    require(
        place.strip(),
        UnableToChangeContainer(f"{container}: say where it is put into storage.", field="place"),
    )
    performed_at = performed_at or timezone.now()
    advance(
        container,
        machine=CONTAINER,
        event="identity.container.stored",
        by=by,
        details={"code": container.code, "place": place.strip(), "performed_at": performed_at.isoformat()},
    )
    CustodyEvent.objects.create(
        order=container.order,
        container=container,
        kind=CustodyEvent.Kind.STORED,
        gave=by.printed_name,
        took=by,
        place=place.strip(),
        performed_at=performed_at,
        condition="As filled",
    )
    return container
