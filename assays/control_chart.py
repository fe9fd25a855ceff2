"""The chart of one lot of a control, as page, CSV and PDF show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from tilmfg.documents.contents import HouseHeading, Picture, Record, Section, Table
from tilmfg.documents.spreadsheet import csv_lines
from tilmfg.documents.text import instant
from tilmfg.shell.drawings.control_chart import ControlChartShape, control_chart_shape
from tilmfg.shell.numbers import decimals_for, readable
from tilmfg.shell.pictures import ControlPoint
from tilmfg.shell.state_words import look_of

from .drawn import control_chart_svg
from .models import AssignedValue, ControlLot, ControlReading
from .rules.control_statistics import FEWEST, Statistics, statistics
from .rules.controls import BEFORE, Standing
from .selectors.controls import readings_of_lot, values_in_force
from .selectors.judged_controls import judged

SHOWN = 60  # readings of a chart
COLUMNS = (
    "measured_at_utc", "run", "run_state", "analyst", "instrument", "value", "unit", "missing", "assigned_mean",
    "assigned_sd", "allowed_from", "allowed_to", "sd_from_mean", "rules_broken",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which readings: of one instrument, of one analyst, before a moment."""

    instrument: str = ""
    analyst: str = ""
    before: datetime | None = None

    @property
    def in_words(self) -> dict[str, str]:
        before = {"before": self.before.isoformat()} if self.before else {}
        named = {"instrument": self.instrument, "analyst": self.analyst}
        return {name: word for name, word in named.items() if word} | before


@dataclass(frozen=True, kw_only=True)
class ControlChart:
    """`shown`: readings with their verdicts, oldest first; `older` says whether there are others before them."""

    lot: ControlLot
    asked: Asked
    shown: list[tuple[ControlReading, Standing]]
    older: bool
    value: AssignedValue | None

    @cached_property
    def measured(self) -> list[tuple[ControlReading, Standing]]:
        """Without those that gave no value."""
        return [pair for pair in self.shown if pair[1].value is not None]

    @property
    def allowed(self) -> tuple[Decimal, Decimal] | None:
        """What the method allowed of the newest reading, if it allows a range."""
        newest = self.shown[-1][0] if self.shown else None
        if newest is None or newest.lower is None or newest.upper is None:
            return None
        return newest.lower, newest.upper

    @cached_property
    def statistics(self) -> Statistics:
        values = [standing.value for _, standing in self.measured if standing.value is not None]
        return statistics(values, self.value.target if self.value else None, self.allowed)

    @cached_property
    def decimals(self) -> int:
        """By the value in force, else by the readings themselves."""
        mean, sd = (
            (self.value.mean, self.value.sd) if self.value else (self.statistics.mean, self.statistics.sd)
        )
        return 2 if mean is None else decimals_for(mean, sd)

    @property
    def capability_in_words(self) -> str:
        """With what it rests on, or why there is none."""
        if found := self.statistics.capability:
            return found.in_words
        if self.allowed is None:
            return "none: the method allows this control no range"
        if self.statistics.count < FEWEST:
            return f"none yet: {self.statistics.count} of {FEWEST} readings"
        return "none: the readings or their limits do not differ"

    @cached_property
    def shape(self) -> ControlChartShape | None:
        average = self.statistics.average
        return control_chart_shape(
            [_point(reading, standing) for reading, standing in self.measured],
            mean=float(self.value.mean) if self.value else None,
            sd=float(self.value.sd) if self.value else None,
            average=average.means if average else (),
        )


def chart_of(lot: ControlLot, asked: Asked, *, most: int | None = SHOWN) -> ControlChart:
    """The newest readings, at most so many, judged with those before them."""
    found = readings_of_lot(lot, before=asked.before, instrument=asked.instrument, analyst=asked.analyst)
    readings = list(found if most is None else found[: most + BEFORE + 1])[::-1]
    shown = list(zip(readings, judged(readings, lot), strict=True))
    return ControlChart(
        lot=lot,
        asked=asked,
        shown=shown if most is None else shown[-most:],
        older=most is not None and len(readings) > most,
        value=values_in_force([lot.pk]).get(lot.pk),
    )


def chart_lines(chart: ControlChart) -> Iterator[str]:
    """As CSV, oldest first."""
    return csv_lines(COLUMNS, map(_line, chart.shown))


def chart_record(chart: ControlChart, *, generated_at: datetime) -> Record:
    """For paper."""
    lot, shape = chart.lot, chart.shape
    picture = (
        Picture(svg=control_chart_svg(shape, unit=lot.unit), words="Every value stands below.")
        if shape
        else None
    )
    return Record(
        heading=HouseHeading(document_id=f"CONTROL-{lot.pk}", generated_at=generated_at),
        title=f"Control chart of {lot}",
        subtitle=f"{lot.method_code}; {_asked(chart.asked)}",
        sections=(
            Section(title="The lot", facts=_facts(chart)),
            Section(
                title="Levey-Jennings chart",
                text="; ".join(pattern.in_words for pattern in chart.statistics.patterns),
                pictures=(picture,) if picture else (),
            ),
            Section(
                title="Readings",
                tables=(
                    Table(
                        columns=(
                            "Measured (UTC)",
                            "Run",
                            "Analyst",
                            "Instrument",
                            "Value",
                            "SD from mean",
                            "Rules",
                        ),
                        rows=tuple(_row(reading, standing) for reading, standing in chart.shown),
                        widths=(6, 4, 5, 3, 5, 3, 7),
                    ),
                ),
            ),
        ),
    )


def _facts(chart: ControlChart) -> tuple[tuple[str, str], ...]:
    found, unit, value, places = chart.statistics, chart.lot.unit, chart.value, chart.decimals
    return (
        ("Expires", f"{chart.lot.expiry_date:%-d %b %Y}"),
        (
            "Value in force",
            f"{_number(value.mean, places=places)} ± {_number(value.sd, unit, places)}" if value else "none",
        ),
        ("Readings shown", str(found.count)),
        ("Mean", _number(found.mean, unit, places)),
        ("SD", _number(found.sd, unit, places)),
        ("CV", _number(found.cv_percent, "%")),
        ("Bias to the value in force", _number(found.bias_percent, "%")),
        ("EWMA, λ 0.2", _average(chart)),
        ("Allowed by the method", _allowed(chart)),
        ("Capability, 95 % limits", chart.capability_in_words),
    )


def _average(chart: ControlChart) -> str:
    average = chart.statistics.average
    if average is None:
        return "none"
    where = "within" if average.is_within else "OUTSIDE"
    limits = f"{readable(average.lower, chart.decimals)} to {readable(average.upper, chart.decimals)} {chart.lot.unit}"
    return f"{readable(average.means[-1], chart.decimals)}, {where} {limits}"


def _allowed(chart: ControlChart) -> str:
    return (
        " to ".join(_number(limit, places=chart.decimals) for limit in chart.allowed) + f" {chart.lot.unit}"
        if chart.allowed
        else "none"
    )


def _number(value: Decimal | None, unit: str = "", places: int = 2) -> str:
    return "none" if value is None else f"{readable(value, places)} {unit}".strip()


def _asked(asked: Asked) -> str:
    return (
        ", ".join(f"{name} {word}" for name, word in asked.in_words.items()) or "every instrument and analyst"
    )


def _row(reading: ControlReading, standing: Standing) -> tuple[str, ...]:
    return (
        instant(reading.measured_at),
        f"{reading.run}, {reading.run.get_state_display().lower()}",
        reading.run.analyst.printed_name,
        reading.run.instrument.code,
        standing.missing or _number(standing.value, standing.unit, standing.decimals),
        standing.z_in_words,
        standing.judged.in_words if standing.judged else "",
    )


def _line(shown: tuple[ControlReading, Standing]) -> dict[str, object]:
    reading, standing = shown
    return {
        "measured_at_utc": reading.measured_at,
        "run": reading.run_id,
        "run_state": reading.run.state,
        "analyst": reading.run.analyst.printed_name,
        "instrument": reading.run.instrument.code,
        "value": standing.value,
        "unit": standing.unit,
        "missing": standing.missing,
        "assigned_mean": standing.target.mean if standing.target else None,
        "assigned_sd": standing.target.sd if standing.target else None,
        "allowed_from": reading.lower,
        "allowed_to": reading.upper,
        "sd_from_mean": f"{standing.judged.z:.3f}" if standing.judged else None,
        "rules_broken": standing.judged.in_words if standing.judged else "",
    }


def _point(reading: ControlReading, standing: Standing) -> ControlPoint:
    words = f"{reading.run}, {_number(standing.value, standing.unit, standing.decimals)}"
    if standing.judged and standing.judged.broken:
        words += f", {standing.judged.in_words}"
    return ControlPoint(
        value=float(standing.value or 0),
        tone=look_of("control_reading", standing.state).tone,
        words=words,
        url=reading.run.get_absolute_url(),
        is_valid=reading.run.state != "invalid",
    )
