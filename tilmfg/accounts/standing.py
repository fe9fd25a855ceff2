"""Whether others vouch for a person: who they are was verified, and that the account is still needed was reviewed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from tilmfg.records.days import facility_day

from .guards import REVIEW_DUE_AFTER_DAYS, SIGNS_UNREVIEWED_DAYS
from .models import AccountReview, IdentityVerification, RoleGrant, User
from .plans import SIGNING_ROLES

DUE_AFTER, SIGNS_FOR = timedelta(days=REVIEW_DUE_AFTER_DAYS), timedelta(days=SIGNS_UNREVIEWED_DAYS)
WHO = "A system administrator or a QA approver other than you"


@dataclass(frozen=True)
class Standing:
    """What others vouched for about a person, as a page shows it."""

    verification: IdentityVerification | None
    review: AccountReview | None
    counted_from: datetime

    @property
    def term(self) -> "Term":
        return Term(self.counted_from)


def standing_of(person: User) -> Standing:
    verified = person.identity_verifications.filter(printed_name=person.printed_name)
    review = person.reviews.filter(decision=AccountReview.Decision.CONFIRMED).select_related("reviewed_by")
    last = review.order_by("-recorded_at").first()
    return Standing(
        verification=verified.select_related("verified_by").order_by("-pk").first(),
        review=last,
        counted_from=last.recorded_at if last else person.recorded_at,
    )


@dataclass(frozen=True)
class Term:
    """How long a review, or being registered, counts."""

    counted_from: datetime

    @property
    def state(self) -> str:
        age = timezone.now() - self.counted_from
        return "blocked" if age >= SIGNS_FOR else "due" if age >= DUE_AFTER else "reviewed"

    @property
    def since_date(self) -> date:
        return facility_day(self.counted_from)

    @property
    def due_date(self) -> date:
        return facility_day(self.counted_from + DUE_AFTER)

    @property
    def last_date(self) -> date:
        """On this day the last signature is given."""
        return facility_day(self.counted_from + SIGNS_FOR)


def with_standing(people: QuerySet[Any]) -> QuerySet[Any]:
    """Each with `verified`, and with `counted_from`: the last review that confirmed the account, or registration."""
    confirmed = AccountReview.objects.filter(
        person=OuterRef("pk"), decision=AccountReview.Decision.CONFIRMED
    ).order_by("-recorded_at")
    verified = IdentityVerification.objects.filter(
        person=OuterRef("pk"), printed_name=OuterRef("printed_name")
    )
    return people.annotate(
        verified=Exists(verified),
        last_reviewed_at=Subquery(confirmed.values("recorded_at")[:1]),
        counted_from=Greatest(F("recorded_at"), F("last_reviewed_at")),
    )


def lack_of_standing(person: User) -> str:
    """Why nobody vouches for a signature of this person and who could, in a sentence; nothing if somebody does."""
    verified, counted_from = (
        with_standing(User.objects.filter(pk=person.pk)).values_list("verified", "counted_from").get()
    )
    if not verified:
        return (
            f"The identity of {person.printed_name} was not verified, and nobody signs before that. "
            f"{WHO} does it on the page People, with a document before them."
        )
    if Term(counted_from).state == "blocked":
        day = facility_day(counted_from)
        return (
            f"The account of {person.printed_name} was not reviewed since {day.day} {day:%b %Y}, and nobody signs "
            f"after {SIGNS_UNREVIEWED_DAYS} days. {WHO} reviews it on the page People."
        )
    return ""


def accounts() -> QuerySet[Any]:
    """Whose accounts are reviewed: everybody who may still come in."""
    return with_standing(User.objects.filter(is_active=True, is_service=False))


def due_for_review() -> QuerySet[Any]:
    """The longest unreviewed first."""
    return accounts().filter(counted_from__lte=timezone.now() - DUE_AFTER).order_by("counted_from", "pk")


def unverified_signers() -> QuerySet[Any]:
    """Who is here to sign, and cannot yet because nobody verified who they are."""
    sign = RoleGrant.objects.filter(user=OuterRef("pk"), revoked_at=None, role__in=SIGNING_ROLES)
    return accounts().filter(Q(Exists(sign)), verified=False).order_by("printed_name", "pk")
