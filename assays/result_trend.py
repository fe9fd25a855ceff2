"""Patients' results of one attribute, stage and method one after the other, as page, CSV and PDF show them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from tilmfg.batches.models import Sample
from tilmfg.documents.contents import HouseHeading, Picture, Record, Section, Table
from tilmfg.documents.spreadsheet import csv_lines
from tilmfg.documents.text import instant
from tilmfg.shell.numbers import readable
from tilmfg.shell.pictures import ChartPoint, ChartSeries

from .attributes import ATTRIBUTES, Attribute
from .drawn import chart_svg, titled
from .models import Result
from .rules.trends import LOOKED_AT, NEEDED, Expected, expected_of
from .selectors.trends import results_in_trend

COLUMNS = ("measured_at_utc", "lot", "sample", "run", "value", "unit")
ACROSS = "results, as they were measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`results` oldest first; `expected` is where they predict the next one, from the newest of them."""

    attribute: Attribute
    stage: str
    method_code: str
    results: list[Result]
    expected: Expected | None

    @property
    def is_logarithmic(self) -> bool:
        return self.expected is not None and self.expected.is_logarithmic

    @property
    def upward(self) -> str:
        return titled({"name": self.attribute.name, "unit": self.attribute.unit})

    @property
    def series(self) -> tuple[ChartSeries, ...]:
        points = tuple(
            ChartPoint(x=place, y=float(result.value or 0), label=result.sample.name, role="sample")
            for place, result in enumerate(self.results, start=1)
        )
        found, end = self.expected, len(self.results) + 1
        lines = (found.upper, found.middle, found.lower) if found else ()
        return (
            ChartSeries(name="", points=points),
            *(ChartSeries(name="", line=((1, at), (end, at))) for at in lines),
        )

    @property
    def expected_in_words(self) -> str:
        if self.expected is None:
            return f"{len(self.results)} of {NEEDED} results that a prediction needs"
        ends = " to ".join(readable(end, 1) for end in (self.expected.lower, self.expected.upper))
        how = ", by their logarithms" if self.is_logarithmic else ""
        count = self.expected.count
        return f"{ends} {self.attribute.unit}, the 99.73 % prediction interval of {count} results{how}"


def trend_of(attribute: str, stage: str, method_code: str, *, most: int | None = LOOKED_AT) -> Trend:
    """The newest results, at most so many."""
    found = results_in_trend(attribute=attribute, stage=stage, method_code=method_code)
    results = list(found if most is None else found[:most])[::-1]
    known = ATTRIBUTES[attribute]
    history = [result.value for result in results if result.value is not None]
    return Trend(
        attribute=known,
        stage=Sample.Stage(stage).label,
        method_code=method_code,
        results=results,
        expected=expected_of(history[-LOOKED_AT:], unit=known.unit),
    )


def trend_lines(trend: Trend) -> Iterator[str]:
    """As CSV, oldest first."""
    return csv_lines(COLUMNS, map(_line, trend.results))


def trend_record(trend: Trend, *, generated_at: datetime) -> Record:
    """For paper."""
    drawing = chart_svg(
        {
            "series": [asdict(one) for one in trend.series],
            "x": {"name": ACROSS, "unit": ""},
            "y": {"name": trend.attribute.name, "unit": trend.attribute.unit},
            "x_is_logarithmic": False,
            "y_is_logarithmic": trend.is_logarithmic,
        }
    )
    return Record(
        heading=HouseHeading(document_id=f"TREND-{trend.attribute.code}", generated_at=generated_at),
        title=f"Trend of {trend.attribute.name}",
        subtitle=f"{trend.stage}; {trend.method_code}; patients’ final results, retests left out",
        sections=(
            Section(
                title="One after the other",
                text="The lines are the limits of what is expected and its middle." if trend.expected else "",
                facts=(("Next result expected", trend.expected_in_words),),
                pictures=(Picture(svg=drawing, words="Every value stands below."),) if drawing else (),
            ),
            Section(
                title="Results",
                tables=(
                    Table(
                        columns=("Measured (UTC)", "Lot", "Sample", "Run", "Value"),
                        rows=tuple(map(_row, trend.results)),
                        widths=(6, 5, 7, 4, 5),
                    ),
                ),
            ),
        ),
    )


def _line(result: Result) -> dict[str, object]:
    return {
        "measured_at_utc": result.performed_at,
        "lot": result.order.lot_number,
        "sample": result.sample.name,
        "run": result.run_id,
        "value": None if result.value is None else round(result.value, result.decimals),
        "unit": result.unit,
    }


def _row(result: Result) -> tuple[str, ...]:
    return (
        instant(result.performed_at),
        result.order.lot_number,
        result.sample.name,
        str(result.run) if result.run else "by form",
        result.in_words,
    )
