"""What others vouched for about a person: that they are who their name says, and that the account is still needed."""

from django.db import models
from django.db.models import F, Q

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, append_only

from ..guards import by_who_vouches
from .people import User


class Document(models.TextChoices):
    PASSPORT = "passport", "Passport"
    NATIONAL_IDENTITY_CARD = "national_identity_card", "National identity card"
    RESIDENCE_PERMIT = "residence_permit", "Residence permit"
    DRIVING_LICENCE = "driving_licence", "Driving licence"
    COMPANY_BADGE = "company_badge", "Company badge with photo"


class Decision(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmed: still here, and needs these roles"
    REVOKED = "revoked", "Revoked: the account is not needed any more"


class IdentityVerification(models.Model):
    """Somebody saw a person and a document that shows who they are. Which kind of document, never its number.

    It counts for the printed name that it was made for: under another name the person is verified anew.
    """

    Document = Document

    person = models.ForeignKey(User, models.PROTECT, related_name="identity_verifications")
    printed_name = models.CharField(max_length=120)
    document = models.CharField(max_length=30, choices=Document.choices)
    verified_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(verified_by=F("person")), name="nobody_verifies_their_own_identity"
            ),
            models.CheckConstraint(
                condition=Q(document__in=Document.values), name="identities_are_verified_by_a_known_document"
            ),
        ]
        triggers = [
            Audited(facility="accounts"),
            append_only(),
            by_who_vouches(
                "verified_by",
                name="identities_are_verified_by_who_may",
                also="""
                WHEN NEW.printed_name IS DISTINCT FROM
                    (SELECT p.printed_name FROM accounts_user p WHERE p.id = NEW.person_id)
                    THEN 'not the name of the person'""",
            ),
        ]


class AccountReview(models.Model):
    """Somebody looked whether a person is still here and needs these roles; if not, the account was deactivated."""

    Decision = Decision

    person = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    roles = models.JSONField(default=list)  # as they were looked at
    reason = models.TextField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("person")), name="nobody_reviews_their_own_account"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="reviews_confirm_or_revoke"
            ),
            models.CheckConstraint(condition=Q(reason__regex=r"(\w\W*){4}"), name="reviews_have_a_reason"),
        ]
        indexes = [
            models.Index(
                fields=["person", "-recorded_at"], condition=Q(decision="confirmed"), name="review_of_account"
            )
        ]
        triggers = [
            Audited(facility="accounts"),
            append_only(),
            by_who_vouches("reviewed_by", name="accounts_are_reviewed_by_who_may"),
        ]
