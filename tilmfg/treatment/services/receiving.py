"""The site takes the product over from the courier, bag by bag."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.identity import rules as identity_rules
from tilmfg.identity import services as identity
from tilmfg.identity.isbt128 import UnableToReadIdentifier
from tilmfg.identity.models import Container, CustodyEvent, Scan
from tilmfg.identity.services.locking import lock
from tilmfg.identity.states import CONTAINER, ContainerState
from tilmfg.quality import services as quality
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.states import advance
from tilmfg.release.models import Lot

from .standing import require_own_site, require_providable, require_punctual_or_why

WARMEST_C = Decimal("-150")  # of a shipment in liquid-nitrogen vapour
PURPOSE = "receipt at the site"


class UnableToReceive(UnableTo):
    """The product is not taken over."""


@verb("treatment.product.stop", roles=(Role.SITE,))
def stop_at_receipt(*, lot: Lot, container: Container, read: str, by: User) -> Scan:
    """A label of another order arrived: it is recorded and stops the order, whatever else is wrong or missing."""
    require_own_site(lot.order, by, UnableToReceive)
    return identity.record_scan(
        order=lot.order, purpose=PURPOSE, expected=container.payload, read=read, by=by
    )


@verb("treatment.product.receive", roles=(Role.SITE,))
def receive_product(
    *,
    lot: Lot,
    container: Container,
    read: str,
    courier: str,
    temperature_c: Decimal,
    condition: str,
    received_at: datetime,
    reason: str = "",
    late_entry_reason: str = "",
    by: User,
) -> Scan:
    """Take over one bag from the courier. A label of another order is recorded, stops the order, and is returned."""
    require_own_site(lot.order, by, UnableToReceive)
    lock(lot.order)
    for row in (lot, container):
        row.refresh_from_db(fields=["state"])
    if identity_rules.names_another_order(container.payload, read):
        return stop_at_receipt(lot=lot, container=container, read=read, by=by)
    require_providable(lot, UnableToReceive)
    require(container.kind == Container.Kind.BAG, UnableToReceive(f"{container.code} is no product bag."))
    require(
        container.state == ContainerState.STORED,
        UnableToReceive(f"Bag {container.code} is {container.get_state_display().lower()}."),
    )
    require_this_bag(container, read)
    require_punctual_or_why(received_at, late_entry_reason, UnableToReceive)
    warm = temperature_c > WARMEST_C
    require(
        not warm or reason.strip(),
        UnableToReceive(
            f"{temperature_c} °C is warmer than {WARMEST_C} °C: say what happened.", field="reason"
        ),
    )
    scan = identity.record_scan(
        order=lot.order, purpose=PURPOSE, expected=container.payload, read=read, by=by
    )
    CustodyEvent.objects.create(
        order=lot.order,
        container=container,
        kind=CustodyEvent.Kind.RECEIVED_AT_SITE,
        gave=courier,
        took=by,
        place=lot.order.site.name,
        performed_at=received_at,
        temperature_c=temperature_c,
        temperature_reason=reason.strip() if warm else "",
        condition=condition,
        late_entry_reason=late_entry_reason.strip()
        if identity_rules.is_late(received_at, now=timezone.now())
        else "",
        scan=scan,
    )
    advance(container, machine=CONTAINER, event="identity.container.received_at_site", by=by)
    if warm:
        quality.open_deviation(
            chain=lot.chain,
            subject_kind="identity.container",
            subject_id=container.pk,
            kind=Deviation.Kind.OUT_OF_LIMIT,
            title=f"Bag {container.code} arrived at {temperature_c} °C",
            description=reason.strip(),
            by=by,
        )
    return scan


def require_this_bag(container: Container, read: str) -> None:
    """Another bag of the same order is no wrong patient; it is received on its own page."""
    try:
        matches = identity_rules.compare(container.payload, read)
    except UnableToReadIdentifier as unreadable:
        raise UnableToReceive(str(unreadable), field="read") from unreadable
    require(
        matches,
        UnableToReceive(
            f"This is another container of the same order, not {container.code}. Receive it on its own page.",
            field="read",
        ),
    )
