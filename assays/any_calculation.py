"""Tables and charts as any calculation keeps them, for pages and reports that know none of them by name."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from .drawn import cell_in_words, chart_in_words, chart_svg, titled
from .kernel.missing import Missing
from .pictures import OutcomeShown


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    """`are_numbers`: of each column whether it holds nothing but numbers and reasons why there is none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    are_numbers: tuple[bool, ...]

    @property
    def head(self) -> list[tuple[str, bool]]:
        return list(zip(self.columns, self.are_numbers, strict=True))

    @property
    def body(self) -> list[list[tuple[str, bool]]]:
        return [list(zip(row, self.are_numbers, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartShown:
    title: str
    formula: str
    svg: SafeString
    words: str
    points: tuple[str, ...]


def tables_shown(outcome: OutcomeShown) -> list[TableShown]:
    return [
        TableShown(
            title=table["title"],
            columns=tuple(titled(column) for column in table["columns"]),
            rows=tuple(tuple(cell_in_words(cell) for cell in row) for row in table["rows"]),
            are_numbers=tuple(
                bool(table["rows"]) and all(_is_number(row[place]) for row in table["rows"])
                for place in range(len(table["columns"]))
            ),
        )
        for table in outcome.tables
    ]


def _is_number(cell: object) -> bool:
    return cell is None or isinstance(cell, Missing) or not isinstance(cell, bool | str)


def charts_shown(outcome: OutcomeShown) -> list[ChartShown]:
    """Those that have a point or a line to draw."""
    return [
        ChartShown(
            title=chart["title"],
            formula=chart["formula"],
            svg=mark_safe(drawing),  # noqa: S308 — drawn by chart_svg, which escapes every word
            words=chart_in_words(chart),
            points=tuple(
                f"{point['label'] or one['name']}: {cell_in_words(point['x'])}, {cell_in_words(point['y'])}"
                for one in chart["series"]
                for point in one["points"]
            ),
        )
        for chart in outcome.charts
        if (drawing := chart_svg(chart))
    ]
