"""What must hold before a bag is touched at the site, one sentence each."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.facility.models import Site
from tilmfg.identity import rules as identity_rules
from tilmfg.identity.models import Container, TherapyOrder
from tilmfg.identity.states import OrderState
from tilmfg.quality.selectors import open_deviations
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.words import in_a_sentence
from tilmfg.release.models import Lot
from tilmfg.release.states import PROVIDABLE


def today_at(site: Site) -> date:
    """A bag expires when its last day ends where it is given."""
    return timezone.localdate(timezone=ZoneInfo(site.time_zone))


def require_own_site(order: TherapyOrder, person: User, refusal: type[UnableTo]) -> None:
    here = person.site_memberships.filter(site=order.site_id, until=None).exists()
    require(here, refusal(f"This lot is for another treatment site than that of {person.printed_name}."))


def require_providable(lot: Lot, refusal: type[UnableTo]) -> None:
    require(
        lot.order.state == OrderState.RECEIVED,
        refusal(f"The order is not in good standing: {in_a_sentence(lot.order.get_state_display())}."),
    )
    require(
        lot.state in PROVIDABLE,
        refusal(
            f"The lot is not released: {in_a_sentence(lot.get_state_display())}. Nothing of it may be given."
        ),
    )


def require_no_open_deviation(lot: Lot, refusal: type[UnableTo]) -> None:
    deviation = open_deviations(lot.chain).first()
    if deviation:
        raise refusal(
            f"Deviation {deviation.number} is open: {deviation.title}. "
            "Nothing is given before QA has closed it. Call the manufacturing facility."
        )


def require_unexpired(bag: Container, site: Site, refusal: type[UnableTo]) -> None:
    if bag.expiry_date is None:
        raise refusal(f"Bag {bag.code} has no expiry date.")
    expired = bag.expiry_date < today_at(site)
    require(not expired, refusal(f"Bag {bag.code} expired on {bag.expiry_date:%d %b %Y}."))


def require_punctual_or_why(performed_at: datetime, late_entry_reason: str, refusal: type[UnableTo]) -> None:
    require(
        late_entry_reason.strip() or not identity_rules.is_late(performed_at, now=timezone.now()),
        refusal(
            "This is recorded more than 15 minutes after it was done. Say why it is entered late.",
            field="late_entry_reason",
        ),
    )
