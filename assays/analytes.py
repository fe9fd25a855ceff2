"""A multiplex run as it is reviewed: analyte by analyte, the verdict first, what led to it folded below.

Everything here is of the outcome that the run keeps; nothing is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .any_calculation import ChartShown, TableShown, charts_shown, tables_shown
from .models import Result, Run
from .pictures import HIGHEST, LOWEST, OutcomeShown, criterion_shown
from .states import ResultState

CRITERIA = "criteria of this analyte alone"
READ_BACK = "standards and controls read back"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyteShown:
    name: str
    is_needed: bool
    criteria: list[dict]
    results: list[Result]
    charts: list[ChartShown]
    tables: list[TableShown]

    @property
    def failed(self) -> list[dict]:
        return [criterion for criterion in self.criteria if not criterion["passed"]]

    @property
    def is_exception(self) -> bool:
        """Whether a reviewer is to look at it: a criterion was missed, or a sample has no value."""
        return bool(self.failed) or any(result.value is None for result in self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalytesShown:
    """`others` are the criteria of the whole plate."""

    analytes: list[AnalyteShown]
    others: list[dict]


def analytes_shown(run: Run, outcome: OutcomeShown, results: Sequence[Result]) -> AnalytesShown | None:
    """None of a run that is no multiplex plate, or that nothing could be computed of."""
    told = getattr(run.method.rules.settings, "analytes", ()) if outcome.tables else ()
    if not told:
        return None
    units = _units(outcome, [analyte.name for analyte in told])
    charts, tables = charts_shown(outcome), tables_shown(outcome)
    analytes = [
        AnalyteShown(
            name=one.name,
            is_needed=one.is_needed,
            criteria=_criteria(one.name, outcome, units),
            results=[
                result
                for result in results
                if result.attribute == one.attribute and result.state != ResultState.SUPERSEDED
            ],
            charts=[
                replace(chart, title=chart.title.removeprefix(own))
                for chart in charts
                if chart.title.startswith(own)
            ],
            tables=[
                replace(table, title=table.title.removeprefix(own))
                for table in tables
                if table.title.startswith(own) and table.title != own + CRITERIA
            ],
        )
        for one in told
        for own in (f"{one.name}: ",)
    ]
    names = tuple(f"{one.name}: " for one in told)
    return AnalytesShown(
        analytes=analytes,
        others=[criterion for criterion in outcome.criteria if not criterion["name"].startswith(names)],
    )


def _criteria(name: str, outcome: OutcomeShown, units: Mapping[str, str]) -> list[dict]:
    """Those of a needed analyte are the run's, those of another one stand in a table of its own."""
    own = f"{name}: "
    found = [criterion for criterion in outcome.criteria if criterion["name"].startswith(own)]
    for table in outcome.tables:
        if table["title"] == own + CRITERIA:
            found += [
                {
                    "name": row[0],
                    "value": row[1],
                    "unit": units.get(row[0].removeprefix(own), ""),
                    "limit": row[2],
                    "passed": row[3] == "Pass",
                }
                for row in table["rows"]
            ]
    cvs = _cvs(own, outcome)
    return [
        criterion_shown(criterion | {"name": criterion["name"].removeprefix(own)}, cvs) for criterion in found
    ]


def _units(outcome: OutcomeShown, names: Sequence[str]) -> dict[str, str]:
    """By criterion, as the needed analytes tell them; the table of another one has no column for them."""
    return {
        criterion["name"].removeprefix(f"{name}: "): criterion["unit"]
        for name in names
        for criterion in outcome.criteria
        if criterion["name"].startswith(f"{name}: ")
    }


def _cvs(own: str, outcome: OutcomeShown) -> dict[str, float]:
    rows: list[list] = next(
        (table["rows"] for table in outcome.tables if table["title"] == own + READ_BACK), []
    )
    numbers = [row for row in rows if isinstance(row[3], int | float)]
    judged = [row for row in rows if row[0].startswith("standard ") and row[5] != "exempt"]
    found = {f"Control {row[0].rpartition(', ')[0]}": row[3] for row in numbers}
    for name, row in zip((LOWEST, HIGHEST), (judged[:1], judged[-1:]), strict=True):
        if row and row[0] in numbers:
            found[name] = row[0][3]
    return found
