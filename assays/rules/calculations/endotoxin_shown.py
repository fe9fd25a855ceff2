"""The tables and the chart of an endotoxin run, on page and report alike."""

from collections.abc import Mapping, Sequence
from math import log10

from assays.kernel.missing import Missing
from assays.kernel.qpcr import CtLine

from .endotoxin_settings import Dilution, Standards
from .outcome import Chart, Column, Point, Series, Table

CV = Column(name="CV", unit="%")


def standards_table(standards: Standards) -> Table:
    seconds = Column(name="Onset", unit="s")
    return Table(
        title="Standards",
        columns=(Column(name="Level"), Column(name="Wells"), seconds, CV, Column(name="Read", unit="EU/mL")),
        rows=tuple(
            (
                group.name,
                ", ".join(group.positions),
                group.signal.mean,
                group.signal.cv_percent,
                group.signal.mean
                if isinstance(group.signal.mean, Missing)
                else standards.read(group.signal.mean),
            )
            for group in standards.levels.values()
        ),
    )


def samples_table(samples: Mapping[str, Sequence[Dilution]]) -> Table:
    return Table(
        title="Samples, dilution by dilution",
        columns=(
            Column(name="Sample"),
            Column(name="Dilution"),
            Column(name="Onset", unit="s"),
            Column(name="Onset, spiked", unit="s"),
            Column(name="In the well", unit="EU/mL"),
            Column(name="Spike recovery", unit="%"),
            Column(name="Used"),
        ),
        rows=tuple(
            (
                sample,
                f"1 : {one.factor:f}",
                one.plain.signal.mean,
                one.spiked.signal.mean,
                f"{one.qualifier}{one.concentration:g}" if one.qualifier != "=" else one.concentration,
                one.recovery_percent,
                f"no: {one.why_not}" if one.why_not else "yes",
            )
            for sample, dilutions in samples.items()
            for one in dilutions
        ),
    )


def standard_curve(standards: Standards) -> Chart:
    line: tuple[tuple[float, float], ...] = ()
    formula = ""
    if isinstance(standards.line, CtLine):
        a, b = standards.line.intercept, standards.line.slope
        ends = (float(standards.lowest), float(standards.highest))
        line = tuple((x, 10 ** (a + b * log10(x))) for x in ends)
        formula = f"log₁₀ onset = {a:.4f} + ({b:.4f})·log₁₀ EU/mL"
    points = tuple(Point(x=float(level), y=onset) for level, onset in standards.points)
    return Chart(
        title="Standard curve",
        x=Column(name="Endotoxin", unit="EU/mL"),
        y=Column(name="Onset", unit="s"),
        x_is_logarithmic=True,
        y_is_logarithmic=True,
        series=(Series(name="Standards", points=points, line=line),),
        formula=formula,
    )
