"""The layout of a plate: what each well holds. A method lays it down; a file without one takes the method's."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from assays.kernel.missing import Missing
from assays.readers import LayoutKind, PlateFile
from assays.readers import Well as WellRead
from assays.readers.positions import PLATES, place_of, position_at

ROLES = ("standard", "blank", "control", "sample", "empty")
CONDITIONS = ("stimulated", "unstimulated")
PARTS = ("role", "name", "nominal", "dilution", "condition")
NAME = re.compile(
    r"[^\W_][\w.+-]{0,19}\Z"
)  # begins with a letter or a digit: no table takes it for a formula
NUMBERED = re.compile(r"\D+(\d{1,4})", re.ASCII)  # S001, STD1, Standard 1
LARGEST = Decimal("1e15")
SMALLEST = Decimal("1e-12")
DIGITS = 15


@dataclass(frozen=True, slots=True)
class WellProblem:
    """What is wrong with one well, or with the whole layout if it names no well."""

    sentence: str
    well: str = ""

    def __str__(self) -> str:
        return f"{self.well}: {self.sentence}" if self.well else self.sentence


class UnableToLayOut(ValueError):
    """This is no layout of a plate; every well that is wrong is among `problems`."""

    def __init__(self, *problems: WellProblem) -> None:
        super().__init__(" ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a well holds. Wells that are alike in everything are replicates of each other."""

    role: str
    name: str
    nominal: Decimal | None = None  # of standards and controls, in the unit of the method
    dilution: Decimal = Decimal(1)  # 20 is 1 part in 20
    condition: str = ""

    @property
    def kind(self) -> LayoutKind:
        if self.role == "sample" and self.condition == "unstimulated":
            return LayoutKind.UNSTIMULATED
        return LayoutKind(self.role)

    @property
    def in_words(self) -> str:
        """Standard STD1, 1000; sample SPL1, 1 : 20, stimulated."""
        parts = [f"{self.role} {self.name}"]
        if self.nominal is not None:
            parts.append(f"{self.nominal:f}")
        if self.dilution != 1:
            parts.append(f"1 : {self.dilution:f}")
        return ", ".join([*parts, *([self.condition] if self.condition else [])])


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells by position, in the order of the plate. A well without a cell is empty."""

    wells: int
    cells: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return PLATES[self.wells]

    @property
    def positions(self) -> Iterator[str]:
        """A1, A2, … row by row."""
        rows, columns = self.size
        return (position_at(row, column) for row in range(rows) for column in range(columns))

    @property
    def replicates(self) -> dict[Cell, tuple[str, ...]]:
        """What the plate holds, each with the wells that hold it."""
        groups: dict[Cell, list[str]] = defaultdict(list)
        for position, cell in self.cells.items():
            groups[cell].append(position)
        return {cell: tuple(wells) for cell, wells in groups.items()}

    @property
    def content(self) -> dict[str, Any]:
        """As a method version keeps it; `read_layout` reads it again."""
        return {"wells": self.wells, "cells": {at: texts_of(cell) for at, cell in self.cells.items()}}


def texts_of(cell: Cell) -> dict[str, str]:
    nominal = "" if cell.nominal is None else f"{cell.nominal:f}"
    numbers = {"nominal": nominal, "dilution": f"{cell.dilution:f}"}
    return {"role": cell.role, "name": cell.name, **numbers, "condition": cell.condition}


def read_layout(content: Mapping[str, Any]) -> Layout:
    """A layout as stored or typed. Raises UnableToLayOut with every well that is wrong."""
    if not isinstance(content, Mapping) or set(content) != {"wells", "cells"}:
        raise UnableToLayOut(WellProblem("A layout has “wells” and “cells”, nothing else."))
    wells, cells = content["wells"], content["cells"]
    if type(wells) is not int or wells not in PLATES:
        allowed = ", ".join(map(str, PLATES))
        raise UnableToLayOut(WellProblem(f"There is no plate of “{wells}” wells; allowed: {allowed}."))
    if not isinstance(cells, Mapping):
        raise UnableToLayOut(WellProblem("The cells of a layout are named by their wells."))
    problems: list[WellProblem] = []
    found: dict[tuple[int, int], Cell] = {}
    for position, cell in cells.items():
        try:
            place = _place_on(wells, str(position))
            if place in found:
                raise ValueError("The well is given twice.")
            if read := _cell(cell):
                found[place] = read
        except ValueError as refusal:
            problems.append(WellProblem(str(refusal), str(position)))
    if not problems:
        problems = _contradictions(found)
    if problems:
        raise UnableToLayOut(*problems)
    return Layout(wells, {position_at(*place): found[place] for place in sorted(found)})


def _place_on(wells: int, position: str) -> tuple[int, int]:
    rows, columns = PLATES[wells]
    last = position_at(rows - 1, columns - 1)
    try:
        row, column = place_of(position)
    except ValueError:
        raise ValueError(f"“{position}” names no well; allowed: A1 to {last}.") from None
    if row >= rows or column >= columns:
        raise ValueError(f"A plate of {wells} wells has no well {position}; allowed: A1 to {last}.")
    return row, column


def _cell(content: Any) -> Cell | None:
    """None for an empty well. Raises ValueError."""
    if not isinstance(content, Mapping):
        raise ValueError("What a well holds is said by " + ", ".join(PARTS) + ".")
    if unknown := sorted(set(content) - set(PARTS)):
        raise ValueError(f"“{unknown[0]}” is not known; allowed: {', '.join(PARTS)}.")
    given = {part: str(content.get(part, "") or "").strip() for part in PARTS}
    role = given["role"].lower()
    if role not in ROLES and (role or any(given.values())):
        raise ValueError(f"The role is “{given['role']}”; allowed: {', '.join(ROLES)}.")
    if role in ("", "empty"):
        if any(given[part] for part in ("name", "nominal", "condition")):
            raise ValueError("An empty well has no name, nominal value or condition.")
        return None
    if not NAME.match(given["name"]):
        raise ValueError(
            f"The name is “{given['name']}”; allowed: 1 to 20 letters, digits and . _ + - beginning with "
            "a letter or digit."
        )
    condition = given["condition"].lower()
    if condition and (role != "sample" or condition not in CONDITIONS):
        allowed = ", ".join(CONDITIONS) if role == "sample" else "none, for it is a " + role
        raise ValueError(f"The condition is “{given['condition']}”; allowed: {allowed}.")
    return Cell(
        role=role,
        name=given["name"],
        nominal=_nominal(role, given["nominal"]),
        dilution=_dilution(given["dilution"]),
        condition=condition,
    )


def _nominal(role: str, text: str) -> Decimal | None:
    if not text:
        if role == "standard":
            raise ValueError("A standard needs its nominal value.")
        return None
    if role not in ("standard", "control"):
        raise ValueError(f"The nominal value is “{text}”; a {role} has none.")
    nominal = _number("The nominal value", text)
    if nominal < 0:
        raise ValueError(f"The nominal value is {text}; allowed: 0 or more.")
    return nominal


def _dilution(text: str) -> Decimal:
    dilution = _number("The dilution", text or "1")
    if dilution < 1:
        raise ValueError(f"The dilution is {text}; allowed: 1 or more (20 is 1 part in 20).")
    return dilution


def _number(what: str, text: str) -> Decimal:
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{what} is “{text}”, which is no number.")
    if not is_of_use(number) or len(number.normalize().as_tuple().digits) > DIGITS:
        raise ValueError(f"{what} is “{text}”; at most {DIGITS} digits are kept, 12 of them decimals.")
    return Decimal(f"{number.normalize():f}")


def is_of_use(number: Decimal) -> bool:
    """Asked before it is computed with: a number may have an exponent that no arithmetic holds."""
    return not number or SMALLEST.adjusted() <= number.adjusted() < LARGEST.adjusted()


def _contradictions(found: Mapping[tuple[int, int], Cell]) -> list[WellProblem]:
    """One name is one thing: an analyst maps names, not wells."""
    first: dict[str, tuple[str, Cell]] = {}
    problems = []
    for place in sorted(found):
        cell, at = found[place], position_at(*place)
        known_at, known = first.setdefault(cell.name.upper(), (at, cell))
        if (known.role, known.condition, known.name) != (cell.role, cell.condition, cell.name):
            problems.append(
                WellProblem(f"It is {cell.in_words}, but {known_at} of that name is {known.in_words}.", at)
            )
    return problems


def has_layout(file: PlateFile) -> bool:
    """Whether the instrument's own file says what its wells hold."""
    return any(well.kind is not LayoutKind.EMPTY for well in file.wells)


def lay_over(file: PlateFile, layout: Layout) -> PlateFile:
    """A file without a layout of its own takes the method's; one that has its own keeps it.

    A file that names its wells and tells not one concentration, as Luminex's do, takes those of the method, and so its
    dilutions. Raises UnableToLayOut if the plates are not of one size.
    """
    if has_layout(file):
        return _completed(file, layout)
    if (file.row_count, file.column_count) != layout.size:
        raise UnableToLayOut(WellProblem(_other_size(file, layout)))
    return replace(
        file, wells=tuple(_laid_over(well, layout.cells.get(well.position)) for well in file.wells)
    )


def _completed(file: PlateFile, layout: Layout) -> PlateFile:
    is_told = any(
        isinstance(well.nominal_concentration, Decimal) or well.analyte_nominals for well in file.wells
    )
    is_diluted = any(isinstance(well.dilution_factor, Decimal) for well in file.wells)
    if (is_told and is_diluted) or (file.row_count, file.column_count) != layout.size:
        return file
    wells = []
    for well in file.wells:
        cell = layout.cells.get(well.position)
        if cell and not is_told and _is_called(well, cell):
            well = replace(well, nominal_concentration=cell.nominal)
        if cell and not is_diluted and cell.role == "sample" and well.dilution_factor is not None:
            well = replace(well, dilution_factor=cell.dilution)
        wells.append(well)
    return replace(file, wells=tuple(wells))


def _is_called(well: WellRead, cell: Cell) -> bool:
    """By the same name, or of the same kind and number: S001 is STD1, and one blank is like another."""
    if well.kind is not cell.kind or well.kind is LayoutKind.OTHER:
        return False
    if well.group.upper() == cell.name.upper() or well.kind is LayoutKind.BLANK:
        return True
    numbers = [NUMBERED.fullmatch(name) for name in (well.group, cell.name)]
    return all(numbers) and len({int(found[1]) for found in numbers if found}) == 1


def _laid_over(well: WellRead, cell: Cell | None) -> WellRead:
    if cell is None:
        return well
    return replace(
        well,
        layout_name=cell.name,
        group=cell.name,
        kind=cell.kind,
        nominal_concentration=cell.nominal,
        dilution_factor=cell.dilution,
    )


def differences(file: PlateFile, layout: Layout) -> tuple[str, ...]:
    """How the layout in a file differs from the method's, well by well, in sentences. A plate need not be full: a
    sample of the layout that is nowhere on it is none of its differences."""
    if (file.row_count, file.column_count) != layout.size:
        return (_other_size(file, layout),)
    if not has_layout(file):
        return ()
    read = {well.position: well for well in file.wells}
    there = {well.group.upper() for well in file.wells}
    cells = {at: cell for at, cell in layout.cells.items() if not _is_unused(cell, read.get(at), there)}
    return tuple(
        sentence
        for position in layout.positions
        if (sentence := _difference(position, read.get(position), cells.get(position)))
    )


def _is_unused(cell: Cell, well: WellRead | None, there: Collection[str]) -> bool:
    is_empty = well is not None and well.kind is LayoutKind.EMPTY
    return is_empty and cell.role == "sample" and cell.name.upper() not in there


def _other_size(file: PlateFile, layout: Layout) -> str:
    rows, columns = layout.size
    return (
        f"The plate of the file has {file.row_count} × {file.column_count} wells, "
        f"that of the method {rows} × {columns}."
    )


def _difference(position: str, well: WellRead | None, cell: Cell | None) -> str:
    laid_out = cell.in_words if cell else "empty"
    if well is None:
        return f"{position} was not read; in the method it is {laid_out}." if cell else ""
    return "" if _holds(well, cell) else f"{position} is {_as_read(well)}; in the method it is {laid_out}."


def _holds(well: WellRead, cell: Cell | None) -> bool:
    """Where the layout has a sample a file may have one by its own name; concentrations of analytes are the file's."""
    if cell is None:
        return well.kind is LayoutKind.EMPTY
    nominal, dilution = _numbers(well)
    if dilution != cell.dilution or (nominal != cell.nominal and not well.analyte_nominals):
        return False
    if well.kind is LayoutKind.OTHER and cell.role == "sample":
        return True
    return _is_called(well, cell)


def _numbers(well: WellRead) -> tuple[Decimal | None, Decimal]:
    """Nominal value and dilution; what the file does not say is none, and undiluted."""
    nominal, dilution = well.nominal_concentration, well.dilution_factor
    return (
        None if isinstance(nominal, Missing) else nominal,
        Decimal(1) if dilution is None or isinstance(dilution, Missing) else dilution,
    )


def _as_read(well: WellRead) -> str:
    if well.kind is LayoutKind.EMPTY:
        return "empty"
    nominal, dilution = _numbers(well)
    parts = [f"{well.kind} {well.group}"]
    parts += [] if nominal is None else [f"{nominal.normalize():f}"]
    parts += [] if dilution == 1 else [f"1 : {dilution.normalize():f}"]
    return ", ".join(parts)
