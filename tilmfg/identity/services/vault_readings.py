"""Who a pseudonym is, told to the few who may know; each reading is on record, never what was read."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.facility.models import Site
from tilmfg.facility.selectors import sites_of
from tilmfg.records.errors import NotAuthorised, require
from tilmfg.records.events import publish

from .. import vault
from ..models import Patient
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
def find_by_wristband(*, site: Site, text: str, by: User) -> Patient | None:
    require(
        by.holds(Role.IDENTITY_ADMINISTRATOR) or sites_of(by).filter(pk=site.pk).exists(),
        NotAuthorised(f"This is done by: a person of site {site.code}."),
    )
    found = Patient.objects.filter(vault__wristband_index=vault.wristband_index(site.code, text)).first()
    publish(
        "identity.wristband.read",
        subject=site,
        kind="facility.site",
        chain=CHAIN,
        by=by,
        details={"site": site.code, "found": found.pseudonym if found else None},
    )
    return found
