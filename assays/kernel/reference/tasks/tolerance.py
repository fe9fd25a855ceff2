"""Tolerance factors and limits, and outliers."""

from typing import Any

import numpy as np

from assays.kernel import tolerance
from assays.kernel.outliers import generalized_esd, grubbs
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import bad, one_of, share, some_of, whole
from assays.kernel.reference.tables import Role, Table
from assays.kernel.reference.tasks.limits import exponential
from assays.kernel.status import Status, UnableToAnswer

FACTORS = {
    "one_sided_exact": tolerance.one_sided_exact,
    "one_sided_natrella": tolerance.one_sided_natrella,
    "two_sided_exact": tolerance.two_sided_exact,
    "two_sided_howe": tolerance.two_sided_howe,
}


@task(
    "tolerance_factor",
    roles={"n": Role(), "coverage": Role(), "confidence": Role()},
    settings={"methods": some_of(*FACTORS)},
)
def tolerance_factor(table: Table, settings: Settings) -> dict[str, Any]:
    """Factors k by each of the methods: `tolerance`."""
    coverages, confidences = table.numbers("coverage"), table.numbers("confidence")
    for role, column in (("coverage", coverages), ("confidence", confidences)):
        if not ((column > 0) & (column < 1)).all():
            raise bad(f"A {role}", column.tolist(), "a number between 0 and 1")
    found: dict[str, Any] = {}
    rows = zip(table.wholes("n", least=2), coverages.tolist(), confidences.tolist(), strict=True)
    for item, (n, coverage, confidence) in enumerate(rows, start=1):
        for method in settings["methods"]:
            try:
                factor: Any = FACTORS[method](n, coverage=coverage, confidence=confidence)
            except UnableToAnswer as refused:
                factor = refused.answer
            found[f"items.{item}.{method}"] = factor
    return found


@task(
    "tolerance_limit",
    roles={"value": Role()},
    settings={
        "distribution": one_of("normal", "lognormal"),
        "side": one_of("upper", "lower"),
        "coverage": share,
        "confidence": share,
        "method": one_of("one_sided_exact"),
    },
)
def tolerance_limit(table: Table, settings: Settings) -> dict[str, Any]:
    """mean ± k·SD, on the logarithms of log-normal values: `tolerance`."""
    values = table.numbers("value")
    is_lognormal, side = settings["distribution"] == "lognormal", settings["side"]
    if is_lognormal:
        if (values <= 0).any():
            raise UnableToAnswer(Status.BAD_INPUT, "Every value must be above zero; its logarithm is needed.")
        values = np.log(values)
    k = FACTORS[settings["method"]](
        len(values), coverage=settings["coverage"], confidence=settings["confidence"]
    )
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    limit = mean + k * sd if side == "upper" else mean - k * sd
    return {
        "transformed.mean": mean,
        "transformed.sd": sd,
        "k": k,
        f"transformed.{side}": limit,
        side: exponential(limit) if is_lognormal else limit,
    }


@task(
    "outlier_grubbs",
    roles={"value": Role()},
    settings={"alpha": share, "statistic": one_of("max_absolute_deviation")},
)
def outlier_grubbs(table: Table, settings: Settings) -> dict[str, Any]:
    """Grubbs' test of one value: `outliers.grubbs`."""
    values = table.numbers("value").tolist()
    test = grubbs(values, alpha=settings["alpha"])
    return {
        "G": test.g,
        "critical.one_sided": test.critical_one_sided,
        "critical.two_sided": test.critical_two_sided,
        "suspect.value": values[test.suspect],
        "suspect.index": test.suspect + 1,
        "mean": test.mean,
        "sd": test.sd,
    }


@task(
    "outlier_rosner",
    roles={"value": Role()},
    settings={"alpha": share, "max_outliers": whole(least=1)},
)
def outlier_rosner(table: Table, settings: Settings) -> dict[str, Any]:
    """The generalised ESD test of several values: `outliers.generalized_esd`."""
    values = table.numbers("value").tolist()
    steps, outliers = generalized_esd(values, alpha=settings["alpha"], most=settings["max_outliers"])
    found: dict[str, Any] = {"n_outliers": outliers}
    for i, step in enumerate(steps, start=1):
        found[f"steps.{i}.R"] = step.r
        found[f"steps.{i}.lambda"] = step.critical
        found[f"steps.{i}.value"] = values[step.suspect]
    return found


TASKS = (tolerance_factor, tolerance_limit, outlier_grubbs, outlier_rosner)
