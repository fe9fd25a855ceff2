"""The values of a table whose rows stand in wells, as they are read: of PCR, each target of a well once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from assays.kernel.missing import Missing
from assays.readers.cells import Cell
from assays.readers.conversion import Converted
from assays.readers.plates import position_of
from assays.readers.records import (
    NO_DATE,
    Format,
    Problem,
    UnableToRead,
    ValueRow,
    ValueTable,
    code_of,
)


@dataclass(kw_only=True)
class WellValues:
    filename: str
    converted: Converted | None
    rows: list[ValueRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    what: ClassVar[str]  # what a row is called

    def position_for(self, well: Cell, target: str) -> str:
        position = position_of(well.text)
        if position is None or (position, target) in self.seen:
            raise UnableToRead(
                f"{self.filename}, line {well.line}: “{well.text}” is no well, or its target “{target}” is there twice."
            )
        self.seen.add((position, target))
        return position

    def keep(
        self,
        cell: Cell,
        *,
        position: str,
        sample: str,
        quantity: str,
        value: Decimal | Missing,
        unit: str,
        qualifier: str = "=",
    ) -> None:
        """A value that is missing is a problem, unless it is a bound."""
        if isinstance(value, Missing) and qualifier == "=":
            self.problems.append(
                Problem(
                    line=cell.line,
                    row=f"{sample}, {position}",
                    column=quantity,
                    raw=cell.text,
                    message=value.reason,
                )
            )
        self.rows.append(
            ValueRow(
                line=cell.line,
                sample_name=sample,
                quantity=quantity,
                value=value,
                qualifier=qualifier,
                unit=unit,
                well=position,
            )
        )

    def disagreement(self, number: Decimal, cell: Cell, *, position: str) -> Missing | None:
        """Where the converter was asked and does not find the number in this well."""
        if self.converted is None or self.converted.vouches_for(number, place=position):
            return None
        return Missing(f"two readers disagree: the converter does not find {cell.text}")

    def table(
        self,
        file_format: Format,
        *,
        instrument: str,
        software: str = "",
        measured_at: datetime | Missing = NO_DATE,
        remarks: Iterable[str] = (),
        plate_name: str = "",
    ) -> ValueTable:
        if not self.rows:
            raise UnableToRead(f"{self.filename} holds no {self.what} of a named sample.")
        return ValueTable(
            format=file_format,
            instrument=instrument,
            software=software,
            measured_at=measured_at,
            rows=tuple(self.rows),
            problems=tuple(self.problems),
            remarks=tuple(remarks),
            plate_code=code_of(plate_name),
        )
