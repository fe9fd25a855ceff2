"""What a person may be. The rooms above say what each role may do."""

from django.db import models


class Role(models.TextChoices):
    TECHNICIAN = "technician", "Manufacturing technician"
    ANALYST = "analyst", "Laboratory analyst"
    QA_REVIEWER = "qa_reviewer", "QA reviewer"
    QA_APPROVER = "qa_approver", "QA approver"
    IDENTITY_ADMINISTRATOR = "identity_administrator", "Identity administrator"
    SITE = "site", "Treatment site"
    AUDITOR = "auditor", "Auditor (read only)"
    SYSTEM_ADMINISTRATOR = "system_administrator", "System administrator"


def signing_code(role: str) -> str:
    """The qualification to sign in a role."""
    return f"signing: {Role(role).label}"


FACILITY_ROLES = (
    Role.TECHNICIAN,
    Role.ANALYST,
    Role.QA_REVIEWER,
    Role.QA_APPROVER,
    Role.IDENTITY_ADMINISTRATOR,
    Role.AUDITOR,
)

# Who verifies the identity of others and reviews their accounts.
VOUCHERS = (Role.SYSTEM_ADMINISTRATOR, Role.QA_APPROVER)

# Who works with gloves on. Whoever also administers or approves anything logs in whole each time.
BADGE_ROLES = (Role.TECHNICIAN, Role.ANALYST, Role.QA_REVIEWER)


def may_unlock(person) -> bool:
    """Whether a badge may open a tablet for the person."""
    return person.holds(*BADGE_ROLES) and person.roles <= {*BADGE_ROLES, Role.AUDITOR}
