"""Combination of the potencies of independent assays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.combination import (
    Combined,
    Heterogeneity,
    combine_heterogeneous,
    combine_unweighted,
    combine_weighted,
    compare_homogeneity,
    variance_from_limits,
)
from assays.kernel.missing import Missing
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import one_of, share, some_of
from assays.kernel.reference.tables import Role, Table
from assays.kernel.reference.tasks.limits import exponential
from assays.kernel.replicates import geometric_cv_percent, geometric_sd
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]
NEEDED = {"limits": ("potency", "lower", "upper", "df"), "column": ("estimate", "variance")}


@task(
    "combine_potencies",
    roles={
        role: Role(required=False) for role in ("potency", "lower", "upper", "df", "estimate", "variance")
    },
    settings={
        "input_scale": one_of("potency", "ln"),
        "variance_from": one_of("limits", "column"),
        "confidence_level": share,
        "methods": some_of("weighted", "unweighted", *Heterogeneity),
        "report_scale": one_of("potency", "ln"),
    },
)
def combine_potencies(table: Table, settings: Settings) -> dict[str, Any]:
    """Independent estimates made one by each of the methods: `combination`."""
    m, v, df = _estimates(table, settings)
    homogeneity = compare_homogeneity(m, v, confidence=settings["confidence_level"])
    found: dict[str, Any] = {
        f"homogeneity.{word}": homogeneity
        if isinstance(homogeneity, Unanswered)
        else getattr(homogeneity, word)
        for word in ("chi2", "df", "p", "critical")
    }
    for method in settings["methods"]:
        try:
            values = _combine(method, m, v, df, settings["confidence_level"])
        except UnableToAnswer as refused:
            values = dict.fromkeys(_words(method), refused.answer)
        if settings["report_scale"] == "potency":
            values = {word: _reported(word, value) for word, value in values.items()}
        found |= {f"{method}.{word}": value for word, value in values.items()}
    return found


def _estimates(table: Table, settings: Settings) -> tuple[Array, Array, float | None]:
    """ln estimates, their variances, and the sum of degrees of freedom if there are any."""
    needed = NEEDED[settings["variance_from"]]
    for role in needed:
        if not table.has(role):
            raise UnableToAnswer(Status.BAD_INPUT, f"The table has no {role}.")
    columns = {role: table.numbers(role) for role in needed}
    logarithms = [role for role in ("potency", "lower", "upper", "estimate") if role in columns]
    if settings["input_scale"] == "potency":
        for role in logarithms:
            if (columns[role] <= 0).any():
                raise UnableToAnswer(Status.BAD_INPUT, f"A {role} is not above zero.")
            columns[role] = np.log(columns[role])
    if settings["variance_from"] == "limits":
        v = variance_from_limits(
            columns["lower"], columns["upper"], columns["df"], confidence=settings["confidence_level"]
        )
        return columns["potency"], v, float(columns["df"].sum())
    if any(table.cells("df")):
        df = table.numbers("df")
        if (df <= 0).any():
            raise UnableToAnswer(Status.BAD_INPUT, "Degrees of freedom must be above zero.")
        return columns["estimate"], columns["variance"], float(df.sum())
    return columns["estimate"], columns["variance"], None


def _words(method: str) -> tuple[str, ...]:
    """The keys a method defines."""
    if method == "weighted":
        return "mean", "se", "lower", "upper"
    if method == "unweighted":
        return "mean", "se", "lower", "upper", "gsd", "gcv_percent"
    return "mean", "se", "variance"


def _combine(method: str, m: Array, v: Array, df: float | None, confidence: float) -> dict[str, Any]:
    if method == "unweighted":
        combined, sd = combine_unweighted(m, confidence=confidence)
        return _plain(combined) | {"gsd": geometric_sd(sd), "gcv_percent": geometric_cv_percent(sd)}
    if method == "weighted":
        return _plain(combine_weighted(m, v, confidence=confidence, df=df))
    combined = combine_heterogeneous(m, v, Heterogeneity(method))
    return {"mean": combined.mean, "se": combined.se, "variance": combined.variance}


def _plain(combined: Combined) -> dict[str, Any]:
    return {"mean": combined.mean, "se": combined.se, "lower": combined.lower, "upper": combined.upper}


def _reported(word: str, value: Any) -> Any:
    """Mean and limits as potencies; everything else stays on the ln scale."""
    is_logarithm = word in ("mean", "lower", "upper") and not isinstance(value, Missing)
    return exponential(value) if is_logarithm else value


TASKS = (combine_potencies,)
