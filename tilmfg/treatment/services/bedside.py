"""Three scans by two people: wristband, cassette, bag. What names another patient stops the order at once."""

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.identity import isbt128
from tilmfg.identity import rules as identity_rules
from tilmfg.identity import selectors as identities
from tilmfg.identity import services as identity
from tilmfg.identity.isbt128 import UnableToReadIdentifier
from tilmfg.identity.models import Container, Patient, Scan
from tilmfg.identity.services.locking import lock
from tilmfg.identity.states import ContainerState
from tilmfg.quality import services as quality
from tilmfg.quality.models import Deviation
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish
from tilmfg.release.models import Lot

from ..models import BedsideCheck
from .standing import require_no_open_deviation, require_own_site, require_providable, require_unexpired


class UnableToCheck(UnableTo):
    """The bedside check cannot begin."""


@verb("treatment.bedside.stop", roles=(Role.SITE,))
def stop_at_bedside(
    *, lot: Lot, container: Container, wristband: str, cassette_read: str, bag_read: str, by: User
) -> BedsideCheck | None:
    """The failed check if something read names another patient or nobody, however the rest stands; else None."""
    require_own_site(lot.order, by, UnableToCheck)
    lock(lot.order)
    return failed_check(lot, container, wristband, {"cassette": cassette_read, "bag": bag_read}, by=by)


@verb("treatment.bedside.check", roles=(Role.SITE,))
def check_at_bedside(
    *,
    lot: Lot,
    container: Container,
    wristband: str,
    cassette_read: str,
    bag_read: str,
    second: User,
    by: User,
) -> BedsideCheck:
    """Whatever names another patient is recorded, stops the order, and the check says so."""
    require_own_site(lot.order, by, UnableToCheck)
    lock(lot.order)
    for row in (lot, container):
        row.refresh_from_db(fields=["state"])
    labels = {"cassette": cassette_read, "bag": bag_read}
    failed = failed_check(lot, container, wristband, labels, second=second, by=by)
    if failed:
        return failed
    require_providable(lot, UnableToCheck)
    require(
        container.state == ContainerState.AT_SITE,
        UnableToCheck(f"Bag {container.code} is {container.get_state_display().lower()}, not at the site."),
    )
    require_unexpired(container, lot.order.site, UnableToCheck)
    require_no_open_deviation(lot, UnableToCheck)
    require(
        second.pk != by.pk, UnableToCheck("The second person must be somebody else.", field="second_username")
    )
    require_own_site(lot.order, second, UnableToCheck)
    require_wristband(wristband)
    for what, read in labels.items():
        require_this_bag(container, what, read)
    patient = identity.read_wristband(text=wristband, order=lot.order, by=by)
    scans = {what: scan(container, what, read, by=by) for what, read in labels.items()}
    return record(lot, container, patient, scans, second=second, matches=True, by=by)


def failed_check(
    lot: Lot,
    container: Container,
    wristband: str,
    labels: dict[str, str],
    *,
    second: User | None = None,
    by: User,
) -> BedsideCheck | None:
    """A label of another order, or a wristband that is not the patient's; nothing is recorded if there is none."""
    wearer = identities.wearer_of(lot.order, wristband)
    wrong_band = is_wristband(wristband) and (wearer is None or wearer.pk != lot.order.patient_id)
    wrong_label = any(identity_rules.names_another_order(container.payload, read) for read in labels.values())
    if not (wrong_band or wrong_label):
        return None
    if is_wristband(wristband):
        identity.read_wristband(text=wristband, order=lot.order, by=by)
    scans = {
        what: scan(container, what, read, by=by) for what, read in labels.items() if is_clear(container, read)
    }
    someone_else = None if second is None or second.pk == by.pk else second
    check = record(lot, container, wearer, scans, second=someone_else, matches=False, by=by)
    if wrong_band:
        answer_wrong_wristband(lot, container, wearer, by=by)
    return check


def answer_wrong_wristband(lot: Lot, container: Container, wearer: Patient | None, *, by: User) -> None:
    """Another patient stops the order; a number that nobody here has may be a slip, and waits for QA."""
    description = f"Bag {container.code}; nothing was given."
    if wearer is not None:
        identity.stop_order(
            order=lot.order,
            title=f"{lot.order.lot_number}: another patient's wristband was read at the bedside",
            description=description,
            by=by,
        )
        return
    quality.open_deviation(
        chain=lot.chain,
        subject_kind="identity.container",
        subject_id=container.pk,
        kind=Deviation.Kind.IDENTITY_MISMATCH,
        title=f"{lot.order.lot_number}: a wristband that belongs to no known patient was read at the bedside",
        description=description,
        classification=Deviation.Classification.MAJOR,
        by=by,
    )


def is_wristband(text: str) -> bool:
    """Something was read that is no label of the house."""
    try:
        isbt128.parse(text)
    except UnableToReadIdentifier:
        return bool(text.strip())
    return False


def require_wristband(text: str) -> None:
    require(
        is_wristband(text),
        UnableToCheck("This is the label of a container; scan the wristband.", field="wristband"),
    )


def is_clear(container: Container, read: str) -> bool:
    """Whether it is this container or clearly of another order; the rest says nothing about the patient."""
    try:
        return identity_rules.compare(container.payload, read) or identity_rules.names_another_order(
            container.payload, read
        )
    except UnableToReadIdentifier:
        return False


def require_this_bag(container: Container, what: str, read: str) -> None:
    """Another bag of the same order is no wrong patient; it has a check of its own."""
    try:
        matches = identity_rules.compare(container.payload, read)
    except UnableToReadIdentifier as unreadable:
        raise UnableToCheck(str(unreadable), field=f"{what}_read") from unreadable
    require(
        matches,
        UnableToCheck(
            f"This is another container of the same patient, not {container.code}. "
            "Put bag and cassette together, and check that one on its own page.",
            field=f"{what}_read",
        ),
    )


def scan(container: Container, what: str, read: str, *, by: User) -> Scan:
    return identity.record_scan(
        order=container.order, purpose=f"bedside, {what}", expected=container.payload, read=read, by=by
    )


def record(
    lot: Lot,
    container: Container,
    patient: Patient | None,
    scans: dict[str, Scan],
    *,
    second: User | None,
    matches: bool,
    by: User,
) -> BedsideCheck:
    check = BedsideCheck.objects.create(
        order=lot.order,
        container=container,
        patient=patient,
        cassette_scan=scans.get("cassette"),
        bag_scan=scans.get("bag"),
        matches=matches,
        first=by,
        second=second,
    )
    publish(
        "treatment.bedside.checked",
        subject=container,
        kind="identity.container",
        by=by,
        details={"matches": matches, "second": second.username if second else "", "check": check.pk},
    )
    return check
