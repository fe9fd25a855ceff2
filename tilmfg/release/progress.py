"""How far a signed decision has come, one line for each thing the program does."""

from dataclasses import dataclass

from .models import Document
from .states import DispositionState


@dataclass(frozen=True, kw_only=True)
class Milestone:
    words: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Progress:
    milestones: tuple[Milestone, ...]
    is_void: bool

    @property
    def is_done(self) -> bool:
        return self.is_void or all(milestone.is_done for milestone in self.milestones)


def progress_of(record) -> Progress | None:
    """None while there is no decision; the newest one, void or not, else."""
    if not record.dispositions:
        return None
    latest = record.disposition or record.dispositions[0]
    executed = latest.state == DispositionState.EXECUTED
    issued = {document.kind for document in record.documents}
    return Progress(
        milestones=(
            Milestone(words="Reviewed", is_done=True),
            Milestone(words="Decision signed", is_done=latest.approval_id is not None),
            Milestone(words="Every gate checked again, the lot moved", is_done=executed),
            Milestone(
                words="Certificate of analysis issued",
                is_done=Document.Kind.CERTIFICATE_OF_ANALYSIS in issued,
            ),
            Milestone(
                words="Chain-of-identity report issued",
                is_done=Document.Kind.CHAIN_OF_IDENTITY_REPORT in issued,
            ),
        ),
        is_void=latest.state == DispositionState.VOID,
    )
