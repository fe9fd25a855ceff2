"""A file is stored as it came, before anything is read out of it for good."""

import hashlib
from datetime import datetime

from assays import selectors
from assays.models import InstrumentFile
from assays.readers import UnableToRead, plates_in, recognise
from assays.reading import read_once
from assays.rules.instruments import WRITERS
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.facility.models import Equipment
from tilmfg.records.chains import take_turns
from tilmfg.records.days import facility_day
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish


class UnableToStore(UnableTo):
    """The file or its instrument is not accepted; nothing is stored."""


@verb("assays.file.store", roles=(Role.ANALYST,))
def store_file(*, filename: str, content: bytes, instrument_code: str, by: User) -> InstrumentFile:
    """The stored file; the one stored earlier if it has the same bytes and was not imported.

    A file that no method reads is kept as well: what was measured is not lost because nothing is computed of it.
    """
    name = filename.strip()[-200:] or "unnamed"
    try:
        found = recognise(name, content)
        kinds = {method.rules.instrument for method in selectors.methods_for(found)} or {WRITERS[found].kind}
        require(
            any(kinds),
            UnableToStore(f"No approved method of this laboratory reads {found} files.", field="file"),
        )
        instrument = instrument_for(code=instrument_code, kinds=kinds)
        plates = plates_in(name, content)
        for plate in plates or ("",):
            read_once(name, content, timezone=instrument.time_zone, plate=plate)
    except UnableToRead as refusal:
        raise UnableToStore(str(refusal), field="file") from refusal
    sha256 = hashlib.sha256(content).hexdigest()
    take_turns([InstrumentFile.chain])  # two people may drop the same file at once
    file = InstrumentFile.objects.filter(sha256=sha256).first()
    if file:
        if not unimported(file):
            refuse_repeat(file, plate=plates_of(file)[0])
        return file
    file = InstrumentFile.objects.create(
        filename=name, format=found, content=content, sha256=sha256, plates=list(plates), stored_by=by
    )
    publish("assays.file.stored", subject=file, kind="assays.file", by=by, details={"sha256": sha256})
    return file


def plates_of(file: InstrumentFile) -> list[str]:
    """By name, if it holds several."""
    return file.plates or [""]


def unimported(file: InstrumentFile) -> list[str]:
    standing = selectors.standing_runs(file)
    return [plate for plate in plates_of(file) if plate not in standing]


def refuse_repeat(file: InstrumentFile, *, plate: str) -> None:
    """The same bytes are imported once, under whatever name, and each of their plates; after a rejected run again."""
    run = selectors.standing_runs(file).get(plate)
    if run is not None:
        of_plate = f", plate {plate}" if plate else ""
        raise UnableToStore(
            f"These bytes were imported before: “{file.filename}”{of_plate}, by {run.analyst.printed_name} on "
            f"{run.recorded_at:%-d %b %Y at %H:%M} UTC, run {run.pk} ({run.get_state_display().lower()}).",
            field="file",
        )


def instrument_for(*, code: str, kinds: set[str]) -> Equipment:
    """The registered instrument of the right kind that has this barcode."""
    instrument = Equipment.objects.filter(code__iexact=code.strip()).first()
    if instrument is None:
        raise UnableToStore(f"No instrument of this facility has the code “{code}”.", field="instrument")
    wanted = " or ".join(Equipment.Kind(kind).label.lower() for kind in kinds)
    require(
        instrument.kind in kinds,
        UnableToStore(
            f"{instrument} is a {instrument.get_kind_display().lower()}; such a file comes from a {wanted}.",
            field="instrument",
        ),
    )
    return instrument


def why_uncalibrated(instrument: Equipment, *, measured_at: datetime) -> str:
    """It is the day of the measurement that counts, not that on which somebody comes to import it."""
    if instrument.is_calibrated_on(facility_day(measured_at)):
        return ""
    return (
        f"{instrument} was due for calibration on {instrument.calibration_due_date:%-d %b %Y}; "
        f"what it measured out of calibration, on {facility_day(measured_at):%-d %b %Y}, is not imported."
    )
