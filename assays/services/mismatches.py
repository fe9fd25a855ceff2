"""Another plate was scanned than the file is of: nothing is imported, and that it was scanned stays on record."""

from assays.models import InstrumentFile
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.records.events import publish
from tilmfg.records.models import Event

MISMATCHED, KIND = "assays.plate.mismatched", "assays.file"


@verb("assays.plate.note_mismatch", roles=(Role.ANALYST,))
def note_mismatch(*, file: InstrumentFile, expected: str, scanned: str, by: User) -> None:
    """Once for each label that this person scanned: what is unclear is looked at again with every input.

    A page leaves it on record (`records.left_on_record`): what an import that was refused wrote is rolled back.
    """
    told = {"sha256": file.sha256, "expected": expected, "scanned": scanned}
    known = Event.objects.filter(
        name=MISMATCHED, subject_kind=KIND, subject_id=file.pk, actor=by, details=told
    )
    if not known.exists():
        publish(MISMATCHED, subject=file, kind=KIND, by=by, details=told)
