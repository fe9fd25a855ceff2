"""The rows of a run that was made of a table or of counts, as its page tells them: what stood there, who masked it."""

from dataclasses import dataclass

from .models import Masking, Run
from .selectors import FileRow, masked_in, next_number, rows_of_file


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    number: int
    read: FileRow
    sample: str
    condition: str
    masking: Masking | None  # that keeps it out at present
    history: list[Masking]

    @property
    def initial(self) -> dict[str, str]:
        """Of the form that masks it."""
        return {"positions": str(self.number)}


def rows_of_run(run: Run) -> list[RowShown]:
    """Those that are computed with."""
    masked = masked_in(run, number=next_number(run))
    return [
        RowShown(
            number=row.number,
            read=row,
            sample=row.name.sample.name if row.name and row.name.sample else "",
            condition=row.name.get_condition_display() if row.name else "",
            masking=masked.get(row.number),
            history=[masking for masking in run.maskings.all() if masking.row == row.number],
        )
        for row in rows_of_file(run)
        if row.is_computed_with
    ]
