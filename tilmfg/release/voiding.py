"""When a review or a signed decision no longer counts."""

from tilmfg.accounts.models import User
from tilmfg.records.canonical import digest
from tilmfg.records.states import advance

from .dossier import Dossier, decision_content
from .models import Disposition
from .states import DISPOSITION


def covers(disposition: Disposition, dossier: Dossier) -> bool:
    """Whether what was signed is the record as it stands."""
    return digest(decision_content(dossier, disposition.decision)) == disposition.digest


def void(disposition: Disposition, *, because: str, by: User) -> None:
    advance(
        disposition,
        machine=DISPOSITION,
        event="release.disposition.voided",
        by=by,
        details={"because": because},
        moved={"void_because": because},
    )
