"""A file's plate and a run's outcome as the pages draw them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from assays.readers.positions import position_at, row_name
from tilmfg.shell.numbers import beside
from tilmfg.shell.pictures import Fit, Measured
from tilmfg.shell.pictures import Well as WellShown

from .kernel.missing import Missing
from .models import Run
from .readers import LayoutKind, PlateFile, Well
from .rules.layouts import Cell, Layout
from .rules.plates import ROLES, Reads
from .selectors import masked_in, next_number

LOWEST, HIGHEST = "Lowest standard (LLOQ)", "Highest standard (ULOQ)"


@dataclass(frozen=True)
class OutcomeShown:
    """What a run found. Missing values say why; `refusal` is the reason there is no curve."""

    criteria: list[dict] = field(default_factory=list)
    fit: Fit | None = None
    refusal: dict | None = None
    warnings: list[str] = field(default_factory=list)
    points: list[Measured] = field(default_factory=list)
    levels: list[dict] = field(default_factory=list)
    controls: list[dict] = field(default_factory=list)
    samples: list[dict] = field(default_factory=list)
    counts: list[dict] = field(default_factory=list)
    tables: list[dict] = field(default_factory=list)  # of any calculation, as it says them
    charts: list[dict] = field(default_factory=list)

    @property
    def failed(self) -> list[dict]:
        return [criterion for criterion in self.criteria if not criterion["passed"]]


def plate_of_file(file: PlateFile, reads: Reads) -> list[WellShown]:
    """Signal minus reference where both were chosen, else the first reading.

    A well that was read although the file says of nothing that it is in it is no empty one.
    """
    signal = reads.signal or (*file.read_labels, "")[0]

    def shown(well: Well) -> WellShown:
        value = (
            well.difference(signal, reads.reference)
            if reads.reference
            else well.readings.get(signal, Missing("not read"))
        )
        is_unnamed = well.kind is LayoutKind.EMPTY and not isinstance(value, Missing)
        return WellShown(
            position=well.position,
            role="unnamed" if is_unnamed else ROLES[well.kind],
            value=value,
            label=well.layout_name,
        )

    return [shown(well) for well in file.wells]


def plates_of_run(run: Run) -> list[tuple[str, list[WellShown]]]:
    """The plate, of a multiplex run once for each analyte."""
    analytes = dict.fromkeys(well.analyte for well in run.wells.all())
    return [(analyte, plate_of_run(run, analyte)) for analyte in analytes]


def plate_of_run(run: Run, analyte: str = "") -> list[WellShown]:
    """The stored wells, each leading to what is known of it; what was left out or masked is crossed."""
    named = f"&{urlencode({'analyte': analyte})}" if analyte else ""
    left_out = {name.pk for name in run.mapped_samples.all() if name.left_out}
    masked = masked_in(run, number=next_number(run))
    return [
        WellShown(
            position=well.position,
            role=well.role,
            value=response_of(well),
            label=well.instrument_name,
            masked=well.mapped_sample_id in left_out or well.pk in masked,
            url=f"?well={well.position}{named}#well",
        )
        for well in run.wells.all()
        if well.analyte == analyte
    ]


@dataclass(frozen=True)
class LayoutShown:
    """A layout as a table: the columns' numbers, then each row's letter with its wells."""

    wells: int
    columns: range
    rows: list[tuple[str, list[tuple[str, Cell | None]]]]
    groups: list[tuple[Cell, str]]  # what the plate holds, and in which wells


def laid_out(layout: Layout | None) -> LayoutShown | None:
    if layout is None:
        return None
    rows, columns = layout.size
    places = [[position_at(row, column) for column in range(columns)] for row in range(rows)]
    return LayoutShown(
        wells=layout.wells,
        columns=range(1, columns + 1),
        rows=[(row_name(row), [(at, layout.cells.get(at)) for at in places[row]]) for row in range(rows)],
        groups=[(cell, ", ".join(wells)) for cell, wells in layout.replicates.items()],
    )


def outcome_of(run: Run) -> OutcomeShown:
    outcome = revived(run.outcome or {})
    curve = outcome.get("curve") or {}
    blank = outcome.get("blank", {}).get("mean", 0)
    cvs = cvs_of(outcome)
    limits = {criterion["name"]: criterion["limit"] for criterion in outcome.get("criteria", [])}
    return OutcomeShown(
        criteria=[criterion_shown(criterion, cvs) for criterion in outcome.get("criteria", [])],
        fit=Fit(a=curve["a"], b=curve["b"], c=curve["c"], d=curve["d"]) if "a" in curve else None,
        refusal=curve if "reason" in curve else None,
        warnings=[*curve.get("warnings", []), *outcome.get("warnings", [])],
        points=_points(run, blank) if curve else [],
        levels=[level | {"limit": limit_of(level)} for level in outcome.get("standards", [])],
        controls=[
            control | {"limit": limits.get(f"Control {control['name']}", "")}
            for control in outcome.get("controls", [])
        ],
        samples=[
            sample | {"conditions": [sample["stimulated"], sample["unstimulated"]]}
            for sample in outcome.get("samples", [])
        ],
        counts=outcome.get("rows", []),
        tables=outcome.get("tables", []),
        charts=outcome.get("charts", []),
    )


def revived(value: Any) -> Any:
    """Plain JSON back to values: {"missing": why} is Missing again."""
    if isinstance(value, dict):
        if set(value) == {"missing"}:
            return Missing(value["missing"])
        return {key: revived(item) for key, item in value.items()}
    return [revived(item) for item in value] if isinstance(value, list) else value


def criterion_shown(criterion: dict, cvs: Mapping[str, float]) -> dict:
    """With what it found in words. One that asks for a recovery and a CV has found both."""
    value, unit, limit = criterion["value"], criterion["unit"], criterion["limit"]
    if isinstance(value, Missing):
        words = value.reason
    elif isinstance(value, str):
        words = f"{value} {unit}".strip()
    else:
        words = f"{beside(value, limit, 1 if unit == '%' else None)}\u00a0{unit}".strip()
        if (cv := cvs.get(criterion["name"])) is not None and "CV" in limit:
            words += f", CV {beside(cv, limit, 1)}\u00a0%"
    return criterion | {"in_words": words}


def limit_of(level: dict) -> str:
    """The numbers that the recovery and the CV of a standard are held against."""
    tolerance = Decimal(level["recovery_tolerance_percent"])
    return f"{100 - tolerance} to {100 + tolerance}, {level['cv_limit_percent']}"


def cvs_of(outcome: dict) -> dict[str, float]:
    """By the criterion that asks for it: that of each control, and of the lowest and the highest standard."""
    judged = [level for level in outcome.get("standards", []) if not level["is_anchor"]]
    asked = {f"Control {control['name']}": control for control in outcome.get("controls", [])}
    if judged:
        asked |= {LOWEST: judged[0], HIGHEST: judged[-1]}
    found = {name: one["concentration"]["cv_percent"] for name, one in asked.items()}
    return {name: cv for name, cv in found.items() if not isinstance(cv, Missing)}


def _points(run: Run, blank: float | Missing) -> list[Measured]:
    masked = masked_in(run, number=run.current.number)
    offset = Decimal(0) if isinstance(blank, Missing) else Decimal(repr(blank))
    return [
        Measured(
            concentration=float(well.nominal),
            response=response if isinstance(response := response_of(well), Missing) else response - offset,
            role=well.role,
            label=f"{well.instrument_name} {well.position}",
            masked=well.pk in masked,
        )
        for well in run.wells.all()
        if well.role == "standard" and well.nominal is not None
    ]


def response_of(well) -> Decimal | Missing:
    if well.missing or well.signal is None:
        return Missing(well.missing or "not read")
    return well.signal - (well.reference or 0)
