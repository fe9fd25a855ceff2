"""The tables and charts of a relative potency, on page and report alike."""

from collections.abc import Sequence
from math import exp, sqrt

import numpy as np

from assays.kernel.missing import Missing

from .combined_assays import Assay, Together, limits_of, standard_error
from .outcome import Cell, Chart, Column, Point, Series, Table
from .relative_potency_settings import Compared, Doses, Response, Settings, response_of
from .similarity import Comparison, CurveModel

LINE_POINTS = 60


def potency_table(settings: Settings, every: Sequence[Compared]) -> Table:
    """Every kind of limits, the one that is reported first."""
    assigned = float(settings.assigned_potency)
    kinds = ("Fieller",) if settings.model is CurveModel.LINES else ("profile", "delta", "Fieller")
    rows: list[tuple[Cell, ...]] = []
    for one in every:
        comparison = one.comparison
        if isinstance(comparison, Missing):
            rows.append((one.name, *(comparison,) * (1 + 2 * len(kinds)), f"no: {one.why_not}"))
            continue
        cells = [cell for kind in kinds for cell in _ends(comparison.limits[kind], times=assigned)]
        used = f"no: {one.why_not}" if one.why_not else "yes"
        rows.append((one.name, assigned * comparison.ratio, *cells, used))
    return Table(
        title="Potency relative to the reference",
        columns=(
            Column(name="Sample"),
            Column(name="Potency", unit="%"),
            *(Column(name=f"{kind}, {side}", unit="%") for kind in kinds for side in ("from", "to")),
            Column(name="Used"),
        ),
        rows=tuple(rows),
    )


def _ends(limits: tuple[float, float] | Missing, *, times: float) -> tuple[Cell, Cell]:
    return (limits, limits) if isinstance(limits, Missing) else (times * limits[0], times * limits[1])


def similarity_table(every: Sequence[Compared]) -> Table:
    """What decides, then F and χ² beside it."""
    rows = []
    for one in every:
        if isinstance(one.comparison, Missing):
            continue
        for ratio in one.comparison.similarity:
            ends = _ends(ratio.limits, times=1.0)
            allowed = f"{ratio.margins[0]:g} to {ratio.margins[1]:g}"
            verdict = "similar" if ratio.passed else "NOT SIMILAR"
            rows.append((one.name, f"{ratio.parameter.value} ratio", ratio.ratio, *ends, allowed, verdict))
        for name, value, p in (
            ("F of parallelism", one.comparison.f, one.comparison.p),
            ("χ² of parallelism", one.comparison.chi2, one.comparison.chi2_p),
        ):
            rows.append(
                (one.name, name, value, "", "", "beside", f"p {p:.3g}" if not isinstance(p, Missing) else "")
            )
    columns = ("Sample", "Compared", "Sample over reference", "from", "to", "Allowed", "Verdict")
    return Table(title="Similarity", columns=tuple(Column(name=name) for name in columns), rows=tuple(rows))


def parameters_table(every: Sequence[Compared]) -> Table:
    return Table(
        title="Fit with all but the location in common",
        columns=(Column(name="Sample"), Column(name="Parameter"), Column(name="Value")),
        rows=tuple(
            (one.name, name, value)
            for one in every
            if not isinstance(one.comparison, Missing)
            for name, value in one.comparison.parameters.items()
        ),
    )


def assays_table(settings: Settings, name: str, group: Sequence[Assay]) -> Table:
    assigned = float(settings.assigned_potency)
    return Table(
        title=f"{name}: independent assays",
        columns=(
            Column(name="Assay"),
            Column(name="Potency", unit="%"),
            Column(name="SE of ln R"),
            Column(name="df"),
        ),
        rows=tuple(
            (
                f"run {one.run}" if one.run else "this run",
                assigned * exp(one.log_ratio),
                standard_error(one),
                one.df,
            )
            for one in group
        ),
    )


def variants_table(settings: Settings, name: str, together: Together) -> Table:
    assigned = float(settings.assigned_potency)
    rows: list[tuple] = []
    for variant, one in together.variants.items():
        used = "yes" if variant is settings.combination else "beside"
        if isinstance(one, Missing):
            rows.append((variant.value, one, one, one, one, used))
            continue
        ends = _ends(limits_of(one), times=assigned)
        rows.append((variant.value, assigned * exp(one.mean), *ends, sqrt(one.variance), used))
    tested = together.homogeneity
    if not isinstance(tested, Missing):
        verdict = "homogeneous" if together.is_homogeneous else "HETEROGENEOUS"
        told = f"χ² {tested.chi2:.4g} with {tested.df} df, p {tested.p:.3g}, critical {tested.critical:.4g}"
        rows.append((f"Homogeneity: {told}", "", "", "", "", verdict))
    columns = (
        Column(name="Combined as"),
        Column(name="Potency", unit="%"),
        Column(name="from", unit="%"),
        Column(name="to", unit="%"),
        Column(name="SD between assays, ln R"),
        Column(name="Used"),
    )
    return Table(title=f"{name}: combined", columns=columns, rows=tuple(rows))


def chart(settings: Settings, reference: Doses, one: Compared) -> Chart:
    """Wells of both, and the lines of the fit that has all but the location in common."""
    series = []
    for name, doses, own in (("Reference", reference, False), (one.name, one.doses, True)):
        points = tuple(
            Point(
                x=float(dose),
                y=response,
                label=f"{name} {well.position}",
                role="sample" if own else "standard",
            )
            for dose, wells in doses.items()
            for well in wells
            if not isinstance(response := response_of(settings, well), Missing)
        )
        series.append(Series(name=name, points=points, line=_line(one.comparison, points, own)))
    formula = "y = D + (A − D)/(1 + (x/C)^B)"
    if settings.model is CurveModel.LINES:
        formula = "y = a + b·ln dose"
    elif settings.model is CurveModel.FIVE:
        formula += "^G"
    return Chart(
        title=f"{one.name} and the reference",
        x=Column(name="Dose"),
        y=Column(name="Response" if settings.response is Response.AS_READ else "ln response"),
        x_is_logarithmic=True,
        series=tuple(series),
        formula=formula,
    )


def _line(
    comparison: Comparison | Missing, points: Sequence[Point], own: bool
) -> tuple[tuple[float, float], ...]:
    doses = [point.x for point in points if point.x > 0]
    if isinstance(comparison, Missing) or not doses:
        return ()
    across = np.geomspace(min(doses), max(doses), LINE_POINTS)
    return tuple((float(x), comparison.line(float(x), own)) for x in across)
