"""Tables and charts as any calculation keeps them, for pages and reports that know none of them by name."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from .drawn import cell_in_words, chart_in_words, chart_svg, titled
from .pictures import OutcomeShown


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShown:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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
        )
        for table in outcome.tables
    ]


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
