"""Who a pseudonym is, told to the few who may know; each reading is on record, never what was read."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.facility.selectors import sites_of
from tilmfg.records.errors import NotAuthorised, require
from tilmfg.records.events import publish

from .. import vault
from ..models import Patient, TherapyOrder
from ..selectors import wearer_of
from ..states import ORDER
from ..vault import Identity

CHAIN = "facility:identity"
READERS = (Role.IDENTITY_ADMINISTRATOR, Role.SITE)


@verb("identity.vault.read", roles=READERS)
def read_vault(*, patient: Patient, purpose: str, by: User) -> Identity:
    require(
        by.holds(Role.IDENTITY_ADMINISTRATOR) or patient.orders.filter(site__in=sites_of(by)).exists(),
        NotAuthorised("This is done by: a person of the patient's treatment site."),
    )
    publish(
        "identity.vault.read",
        subject=patient,
        kind="identity.patient",
        chain=CHAIN,
        by=by,
        details={"pseudonym": patient.pseudonym, "purpose": purpose},
    )
    return vault.unseal(patient.vault.sealed)


@verb("identity.wristband.read", roles=READERS)
def read_wristband(*, text: str, order: TherapyOrder, by: User) -> Patient | None:
    """Who wears this number at the order's hospital: for the bedside, where only the order's patient is right."""
    require(
        by.holds(Role.IDENTITY_ADMINISTRATOR) or sites_of(by).filter(pk=order.site_id).exists(),
        NotAuthorised(f"This is done by: a person of site {order.site.code}."),
    )
    worn_by = wearer_of(order, text)
    publish(
        "identity.wristband.read",
        subject=order,
        kind=ORDER.kind,
        by=by,
        details={"matches": worn_by is not None and worn_by.pk == order.patient_id},
    )
    return worn_by
