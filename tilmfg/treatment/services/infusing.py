"""The checked bag is given to the checked patient."""

from datetime import datetime, timedelta

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.identity import rules as identity_rules
from tilmfg.identity.models import Container, Patient
from tilmfg.identity.services.locking import lock
from tilmfg.identity.states import CONTAINER, ContainerState
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.states import advance
from tilmfg.release import services as release
from tilmfg.release.models import Lot

from ..models import BedsideCheck, Infusion
from .standing import (
    require_no_open_deviation,
    require_own_site,
    require_providable,
    require_punctual_or_why,
    require_unexpired,
)

CHECK_HOLDS = timedelta(hours=3)  # a thawed bag is given within this time


class UnableToInfuse(UnableTo):
    """The bag must not be given."""


@verb("treatment.infusion.record", roles=(Role.SITE,))
def record_infusion(
    *,
    check: BedsideCheck,
    started_at: datetime,
    ended_at: datetime,
    notes: str = "",
    late_entry_reason: str = "",
    by: User,
) -> Infusion:
    """Record that the checked bag was given to the checked patient."""
    lock(check.order)
    lot = Lot.objects.select_related("order__site").select_for_update(of=("self",)).get(order=check.order_id)
    bag: Container = check.container
    bag.refresh_from_db(fields=["state"])
    require_own_site(lot.order, by, UnableToInfuse)
    require_providable(lot, UnableToInfuse)
    require(check.matches, UnableToInfuse("The bedside check of this bag did not pass."))
    require(
        bag.state == ContainerState.AT_SITE,
        UnableToInfuse(f"Bag {bag.code} is {bag.get_state_display().lower()}."),
    )
    require_no_open_deviation(lot, UnableToInfuse)
    require_unexpired(bag, lot.order.site, UnableToInfuse)
    require_within_check(check, started_at, ended_at)
    require_punctual_or_why(ended_at, late_entry_reason, UnableToInfuse)
    late = identity_rules.is_late(ended_at, now=timezone.now())
    infusion = Infusion.objects.create(
        order=lot.order,
        lot=lot,
        patient=patient_of(check),
        container=bag,
        check_passed=check,
        started_at=started_at,
        ended_at=ended_at,
        performed_by=by,
        notes=notes,
        late_entry_reason=late_entry_reason.strip() if late else "",
    )
    advance(bag, machine=CONTAINER, event="identity.container.infused", by=by)
    publish(
        "treatment.infusion.recorded",
        subject=infusion,
        kind="treatment.infusion",
        chain=lot.chain,
        by=by,
        details={
            "container": bag.code,
            "started_at": started_at.isoformat(),
            "ended_at": ended_at.isoformat(),
        },
    )
    waiting = (ContainerState.STORED, ContainerState.AT_SITE)
    if not lot.order.containers.filter(kind=Container.Kind.BAG, state__in=waiting).exists():
        release.record_infused(lot=lot, by=by)
    return infusion


def require_within_check(check: BedsideCheck, started_at: datetime, ended_at: datetime) -> None:
    require(
        started_at >= check.recorded_at.replace(second=0, microsecond=0),
        UnableToInfuse("The infusion cannot start before the bedside check.", field="started_at"),
    )
    require(
        started_at <= check.recorded_at + CHECK_HOLDS,
        UnableToInfuse("The bedside check is older than three hours; check again.", field="started_at"),
    )
    require(ended_at > started_at, UnableToInfuse("The infusion ends after it starts.", field="ended_at"))


def patient_of(check: BedsideCheck) -> Patient:
    if check.patient is None:
        raise UnableToInfuse("The bedside check names no patient.")
    return check.patient
