"""Statistics of a method's validation: precision, linearity, dilution."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.linearity import Polynomial, best_order, dilution_linearity, fit_polynomial
from assays.kernel.precision import nested_precision
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import one_of, share, whole
from assays.kernel.reference.tables import Role, Table
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]


@task(
    "precision_components",
    roles={"value": Role(), "day": Role(), "run": Role()},
    settings={"model": one_of("nested_day_run"), "negative_components": one_of("zero")},
)
def precision_components(table: Table, settings: Settings) -> dict[str, Any]:
    """Components of variance of runs within days: `precision.nested_precision`."""
    precision = nested_precision(_nested(table))
    mean = precision.mean

    def cv_percent(sd: float) -> float | Unanswered:
        return (
            100 * sd / mean if mean > 0 else Unanswered("The mean is not above zero.", Status.NOT_EVALUABLE)
        )

    return {
        "mean": mean,
        "ms.day": precision.ms_day,
        "ms.run": precision.ms_run,
        "ms.error": precision.ms_error,
        "variance.day": precision.day,
        "variance.run": precision.run,
        "variance.error": precision.error,
        "sd.repeatability": precision.repeatability,
        "sd.within_laboratory": precision.within_laboratory,
        "cv_percent.repeatability": cv_percent(precision.repeatability),
        "cv_percent.within_laboratory": cv_percent(precision.within_laboratory),
        "df.within_laboratory": precision.df_within_laboratory,
    }


def _nested(table: Table) -> Array:
    """Values as (days, runs, replicates); refused unless balanced."""
    days: dict[str, dict[str, list[float]]] = {}
    rows = zip(table.names("day"), table.names("run"), table.numbers("value").tolist(), strict=True)
    for day, run, value in rows:
        days.setdefault(day, {}).setdefault(run, []).append(value)
    shapes = {tuple(len(run) for run in runs.values()) for runs in days.values()}
    if len(shapes) > 1 or len(set(shapes.pop())) > 1:
        raise UnableToAnswer(Status.BAD_INPUT, "The days have not the same numbers of runs and replicates.")
    return np.array([list(runs.values()) for runs in days.values()])


@task(
    "linearity_polynomial",
    roles={"level": Role(), "response": Role()},
    settings={"max_order": whole(least=1, most=3), "alpha": share},
)
def linearity_polynomial(table: Table, settings: Settings) -> dict[str, Any]:
    """Polynomials of each order, and the deviation of the best from the line: `linearity`."""
    x, y = table.numbers("level"), table.numbers("response")
    found: dict[str, Any] = {}
    fits: list[Polynomial] = []
    refusal: Unanswered | None = None
    for order in range(1, settings["max_order"] + 1):
        path = f"orders.{order}"
        try:
            fits.append(fit_polynomial(x, y, order))
        except UnableToAnswer as refused:
            refusal = refused.answer
            words = ["resid_sd", *(f"{letter}{k}" for k in range(order + 1) for letter in "bt")]
            found |= {f"{path}.{word}": refusal for word in words}
            continue
        found[f"{path}.resid_sd"] = fits[-1].resid_sd
        for k, (b, t) in enumerate(zip(fits[-1].coefficients, fits[-1].t, strict=True)):
            found |= {f"{path}.b{k}": b, f"{path}.t{k}": t}
    levels = np.unique(x)
    best: int | Unanswered = refusal or best_order(fits, alpha=settings["alpha"])
    found["best_order"] = best
    for i, level in enumerate(levels, start=1):
        found[f"levels.{i}.deviation"] = (
            best if isinstance(best, Unanswered) else fits[best - 1].at(level) - fits[0].at(level)
        )
    return found


@task(
    "dilution_linearity",
    roles={"dilution": Role(), "concentration": Role()},
    settings={"reference": one_of("first_row")},
)
def linearity_of_dilution(table: Table, settings: Settings) -> dict[str, Any]:
    """A dilution series corrected for its dilutions: `linearity.dilution_linearity`."""
    series = dilution_linearity(table.numbers("dilution").tolist(), table.numbers("concentration").tolist())
    found: dict[str, Any] = {
        "mean": series.mean,
        "cv_percent": series.cv_percent,
        "geometric_mean": series.geometric_mean,
        "gsd": series.gsd,
        "gcv_percent": series.gcv_percent,
        "loglog_slope": series.loglog_slope,
    }
    for i, adjusted in enumerate(series.adjusted, start=1):
        found[f"items.{i}.adjusted"] = adjusted
        found[f"items.{i}.recovery_percent"] = series.recovery_percent[i - 1]
    return found


TASKS = (precision_components, linearity_polynomial, linearity_of_dilution)
