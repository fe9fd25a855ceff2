"""The verbs about places and things: register sites, equipment and material lots."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.reasons import stated

from .models import Equipment, MaterialLot, Site, SiteMember

QA = (Role.QA_REVIEWER, Role.QA_APPROVER)


class UnableToRegister(UnableTo):
    """The site, equipment or material lot is not taken into the register."""


def save_checked(row):
    """Full validation first, so that a refusal names the field."""
    try:
        row.full_clean()
    except ValidationError as problem:
        field, messages = next(iter(problem.message_dict.items()))
        raise UnableToRegister(" ".join(messages), field=field) from problem
    row.save()
    return row


@verb("facility.site.register", roles=QA)
def register_site(*, code: str, name: str, time_zone: str, by: User) -> Site:
    return save_checked(Site(code=code, name=name, time_zone=time_zone))


@verb("facility.site.admit", roles=QA)
def admit_to_site(*, site: Site, user: User, reason: str, by: User) -> SiteMember:
    """From now on the person sees this site's patients."""
    stated(reason, UnableToRegister, what="why the person is of this site")
    require(
        user.holds(Role.SITE),
        UnableToRegister(f"{user.printed_name} does not work at a treatment site.", field="person"),
    )
    require(
        not site.members.filter(user=user, until=None).exists(),
        UnableToRegister(f"{user.printed_name} is of site {site.code} already.", field="person"),
    )
    return SiteMember.objects.create(site=site, user=user)


@verb("facility.site.dismiss", roles=QA)
def dismiss_from_site(*, member: SiteMember, reason: str, by: User) -> SiteMember:
    """With their next request the person sees nothing of this site."""
    stated(reason, UnableToRegister, what="why the person is no longer of this site")
    ended = SiteMember.objects.filter(pk=member.pk, until=None).update(until=Now())
    require(
        ended, ChangedMeanwhile(f"{member.user.printed_name} is not of site {member.site.code} any more.")
    )
    return member


@verb("facility.equipment.register", roles=QA)
def register_equipment(
    *, code: str, name: str, kind: str, calibration_due_date: date, time_zone: str, by: User
) -> Equipment:
    return save_checked(
        Equipment(
            code=code, name=name, kind=kind, calibration_due_date=calibration_due_date, time_zone=time_zone
        )
    )


@verb("facility.material.register", roles=QA)
def register_material_lot(
    *, code: str, material: str, name: str, lot_number: str, expiry_date: date, by: User
) -> MaterialLot:
    """A received lot stands in quarantine until it is released."""
    return save_checked(
        MaterialLot(
            code=code,
            material=material,
            name=name,
            lot_number=lot_number,
            expiry_date=expiry_date,
            status=MaterialLot.Status.QUARANTINE,
        )
    )


@verb("facility.material.release", roles=QA)
def release_material_lot(*, lot: MaterialLot, by: User) -> MaterialLot:
    won = MaterialLot.objects.filter(pk=lot.pk, status=MaterialLot.Status.QUARANTINE).update(
        status=MaterialLot.Status.RELEASED
    )
    require(won, UnableToRegister(f"{lot} is not in quarantine."))
    lot.status = MaterialLot.Status.RELEASED
    return lot
