"""Place a therapy order: the chain of identity begins here, before any tissue is taken."""

import re
from datetime import date

from django.conf import settings

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.facility.models import Site
from tilmfg.records.days import facility_today
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.numbering import next_serial

from .. import isbt128, vault
from ..models import Container, Patient, PatientVault, TherapyOrder
from ..states import ORDER
from ..vault import Identity
from .containers import label_containers
from .vault_readings import read_vault

PSEUDONYM = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)+", re.ASCII)
OLDEST_IN_YEARS = 120


class UnableToPlaceOrder(UnableTo):
    """No order was placed and no identifier issued."""


@verb("identity.order.place", roles=(Role.IDENTITY_ADMINISTRATOR,))
def place_order(
    *,
    pseudonym: str,
    name: str,
    birth_date: date,
    hospital_number: str,
    site: Site,
    indication: str,
    procurement: str,
    needed_by_date: date | None,
    by: User,
    previous: TherapyOrder | None = None,
) -> TherapyOrder:
    """An order for a new patient, or for a known one whose vault agrees with what is given here.

    `previous`: the order of the same patient that this one collects tissue for again.
    """
    today = facility_today()
    identity = Identity(name=name.strip(), birth_date=birth_date, hospital_number=hospital_number.strip())
    require_a_person(identity, today=today)
    require_an_order(indication, procurement, needed_by_date, today=today)
    patient = patient_for(pseudonym.strip().upper(), identity, site, by=by)
    require(
        previous is None or previous.patient_id == patient.pk,
        UnableToPlaceOrder(f"Order {previous} is of another patient than {patient}.", field="previous"),
    )
    order = TherapyOrder.objects.create(
        coi_id=str(issue_coi_id(today.year)),
        lot_number=issue_lot_number(today.year),
        patient=patient,
        site=site,
        indication=indication,
        procurement=procurement,
        needed_by_date=needed_by_date,
        previous=previous,
        placed_by=by,
    )
    details = {"coi_id": order.coi_id, "lot_number": order.lot_number, "site": site.code}
    if previous:
        details["previous"] = previous.coi_id
    publish(
        "identity.order.placed", subject=order, kind=ORDER.kind, by=by, to_state=order.state, details=details
    )
    label_containers(order=order, kind=Container.Kind.TUMOR_BOTTLE, count=1, by=by)
    return order


def issue_coi_id(year: int) -> isbt128.CoiId:
    prefix = f"CH{settings.TILMFG_FACILITY_NUMBER}{year % 100:02}"
    return isbt128.issue(settings.TILMFG_FACILITY_NUMBER, year, next_serial(TherapyOrder, "coi_id", prefix))


def issue_lot_number(year: int) -> str:
    prefix = f"TIL-{year}-"
    return f"{prefix}{next_serial(TherapyOrder, 'lot_number', prefix):04}"


def require_a_person(identity: Identity, *, today: date) -> None:
    require(identity.name, UnableToPlaceOrder("Give the patient's name.", field="name"))
    require(
        vault.normalise(identity.hospital_number),
        UnableToPlaceOrder("Give the hospital number on the wristband.", field="hospital_number"),
    )
    require(
        today.year - OLDEST_IN_YEARS <= identity.birth_date.year and identity.birth_date <= today,
        UnableToPlaceOrder(
            f"{identity.birth_date} is no birth date: it lies in the future or more than "
            f"{OLDEST_IN_YEARS} years back.",
            field="birth_date",
        ),
    )


def require_an_order(indication: str, procurement: str, needed_by_date: date | None, *, today: date) -> None:
    for field, value, choices in (
        ("indication", indication, TherapyOrder.Indication),
        ("procurement", procurement, TherapyOrder.Procurement),
    ):
        require(
            value in choices.values,
            UnableToPlaceOrder(
                f"“{value}” is no {field}; it can be {', '.join(choices.values)}.", field=field
            ),
        )
    require(
        needed_by_date is None or needed_by_date > today,
        UnableToPlaceOrder(
            f"{needed_by_date} has passed; the product is needed on a later day.", field="needed_by_date"
        ),
    )


def patient_for(pseudonym: str, identity: Identity, site: Site, *, by: User) -> Patient:
    require(
        PSEUDONYM.fullmatch(pseudonym) and len(pseudonym) <= 24,
        UnableToPlaceOrder(
            f"“{pseudonym}” is no pseudonym: capital letters and digits in groups joined by dashes, such as "
            "PT-0042, at most 24 characters.",
            field="pseudonym",
        ),
    )
    require_tells_nothing(pseudonym, identity)
    indexes = vault.wristband_indexes(site.code, identity.hospital_number)
    known = Patient.objects.select_related("vault").filter(pseudonym=pseudonym).first()
    if known:
        require_same_person(known, identity, indexes, by=by)
        return known
    namesake = Patient.objects.filter(vault__wristband_index__in=indexes).first()
    require(
        namesake is None,
        UnableToPlaceOrder(
            f"This hospital number of site {site.code} is known under the pseudonym {namesake}.",
            field="hospital_number",
        ),
    )
    patient = Patient.objects.create(pseudonym=pseudonym)
    PatientVault.objects.create(patient=patient, sealed=vault.seal(identity), wristband_index=indexes[0])
    return patient


def require_tells_nothing(pseudonym: str, identity: Identity) -> None:
    """A pseudonym made of the name or the hospital number is none."""
    compact = vault.normalise(pseudonym)
    telling = [vault.normalise(word) for word in [*identity.name.split(), identity.hospital_number]]
    require(
        not any(len(word) >= 3 and word in compact for word in telling),
        UnableToPlaceOrder(
            "The pseudonym contains the patient's name or hospital number.", field="pseudonym"
        ),
    )


def require_same_person(known: Patient, identity: Identity, indexes: list[str], *, by: User) -> None:
    agreement = read_vault(patient=known, purpose="order for a known patient", by=by).agrees_with(identity)
    words = {"name": "name", "birth_date": "birth date", "hospital_number": "hospital number"}
    for field, agrees in agreement.items():
        require(
            agrees,
            UnableToPlaceOrder(
                f"This is not the {words[field]} of {known} on record. Is it another patient, or mistyped?",
                field=field,
            ),
        )
    require(
        known.vault.wristband_index in indexes,
        UnableToPlaceOrder(f"{known} is a patient of another site.", field="site"),
    )
