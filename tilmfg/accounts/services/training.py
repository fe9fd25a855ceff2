"""QA says what people are qualified for, never about themselves."""

from datetime import date

from django.db.models.functions import Now

from tilmfg.records.days import facility_today
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.reasons import stated

from ..models import Qualification, User
from ..proof import CHAIN
from ..roles import Role
from ..training import known_codes
from ..verbs import verb

KIND = "accounts.qualification"
TRAINERS = (Role.QA_REVIEWER, Role.QA_APPROVER)


class UnableToQualify(UnableTo):
    """The qualification stays as it was."""


@verb("accounts.qualification.give", roles=TRAINERS, service=True)
def give_qualification(
    *, person: User, code: str, from_date: date, until_date: date, reason: str, by: User
) -> Qualification:
    """`reason` says on what evidence: the training, its record, the examination."""
    require(person.pk != by.pk, UnableToQualify("Nobody qualifies themselves; another person of QA does."))
    require(
        person.is_active and not person.is_service,
        UnableToQualify(f"{person.printed_name} has no active account.", field="person"),
    )
    require(
        code in known_codes(),
        UnableToQualify(f"“{code}” is nothing that people are qualified for here.", field="code"),
    )
    require(
        from_date <= until_date,
        UnableToQualify("It cannot end before it begins.", field="until_date"),
    )
    require(
        until_date >= facility_today(),
        UnableToQualify("This day is past; nothing would be allowed.", field="until_date"),
    )
    qualification = Qualification.objects.create(
        person=person,
        code=code,
        from_date=from_date,
        until_date=until_date,
        given_by=by,
        reason=stated(reason, UnableToQualify, what="on what evidence the person is qualified"),
    )
    _publish("given", qualification, by=by)
    return qualification


@verb("accounts.qualification.revoke", roles=TRAINERS)
def revoke_qualification(*, qualification: Qualification, reason: str, by: User) -> Qualification:
    """From this moment on the person may look, but neither execute nor sign."""
    reason = stated(reason, UnableToQualify, what="why it is revoked")
    revoked = Qualification.objects.filter(pk=qualification.pk, revoked_at=None).update(
        revoked_at=Now(), revoked_by=by, revoke_reason=reason
    )
    require(revoked, ChangedMeanwhile("This qualification is revoked already."))
    qualification.refresh_from_db()
    _publish("revoked", qualification, by=by)
    return qualification


def _publish(what: str, qualification: Qualification, *, by: User) -> None:
    publish(
        f"accounts.qualification.{what}",
        subject=qualification,
        kind=KIND,
        chain=CHAIN,
        by=by,
        details={"person": qualification.person.username, "code": qualification.code},
    )
