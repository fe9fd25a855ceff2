"""Relative potency and median effective dose from quantal responses."""

from math import log, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from assays.kernel.quantal import Link, QuantalFit, fit_quantal
from assays.kernel.reference.names import name
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import fields, number, one_of, share, some_of, text
from assays.kernel.reference.tables import Role, Table
from assays.kernel.reference.tasks.limits import exponential, lower_and_upper, on_scale
from assays.kernel.status import Status, UnableToAnswer

COMMON = {"link": one_of(*Link), "confidence_level": share, "ci": some_of("fieller")}


@task(
    "relative_potency_quantal",
    roles={role: Role() for role in ("sample", "dose", "n", "responders")},
    settings=COMMON | {"standard": name, "assigned_potency": number()},
    optional={"units": text},
)
def relative_potency_quantal(table: Table, settings: Settings) -> dict[str, Any]:
    """Parallel lines on the scale of the link, and potencies: `quantal`."""
    samples, standard = table.names("sample"), settings["standard"]
    if standard not in samples:
        raise UnableToAnswer(Status.BAD_INPUT, f"The standard {standard} is not among the samples.")
    fit = _fit(table, samples, log_doses(table, "none"), settings)
    found: dict[str, Any] = {"fit.slope": fit.slope}
    found |= {f"fit.intercept.{sample}": a for sample, a in fit.intercepts.items()}
    found |= {"heterogeneity.chi2": fit.chi2, "heterogeneity.df": fit.df}
    quantile = _quantile(settings)

    def potency(log_ratio: float) -> float:
        return settings["assigned_potency"] * exponential(log_ratio)

    for sample in fit.intercepts:
        if sample == standard:
            continue
        path = f"samples.{sample}"
        found[f"{path}.potency"] = on_scale(fit.log_potency(sample, standard), potency)
        limits = fit.log_potency_limits(sample, standard, quantile=quantile)
        found |= lower_and_upper(f"{path}.ci.fieller", limits, potency)
    return found


@task(
    "ed50_quantal",
    roles={role: Role() for role in ("dose", "n", "responders")},
    settings=COMMON | {"dose_scale": one_of("none", "ln", "log10")},
    optional={"titre": fields({"volume_ml": number(above=0)})},
)
def ed50_quantal(table: Table, settings: Settings) -> dict[str, Any]:
    """The median effective dose, and the titre it means: `quantal`."""
    sample = "the sample"
    fit = _fit(table, [sample] * len(table), log_doses(table, settings["dose_scale"]), settings)
    estimate = fit.log_ed50(sample)
    limits = fit.log_ed50_limits(sample, quantile=_quantile(settings))
    found: dict[str, Any] = {
        "fit.intercept": fit.intercepts[sample],
        "fit.slope": fit.slope,
        "ed50.ln.estimate": estimate,
        **lower_and_upper("ed50.ln", limits),
        "heterogeneity.chi2": fit.chi2,
        "heterogeneity.df": fit.df,
    }
    if settings["titre"]:
        volume = settings["titre"]["volume_ml"]

        def titre(ln_dose: float) -> float:
            return -ln_dose / log(10) - log10(volume)

        found["titre.log10.estimate"] = on_scale(estimate, titre)
        # The higher the dose, the lower the titre.
        turned = limits[::-1] if isinstance(limits, tuple) else limits
        found |= lower_and_upper("titre.log10", turned, titre)
    return found


def log_doses(table: Table, scale: str) -> NDArray[np.float64]:
    """ln(dose) of each row, from a column of doses or of their logarithms."""
    doses = table.numbers("dose")
    if scale == "none" and (doses <= 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, "Every dose must be above zero; its logarithm is needed.")
    if scale == "none":
        return np.log(doses)
    return doses if scale == "ln" else doses * log(10)


def _fit(table: Table, samples: list[str], x: NDArray[np.float64], settings: Settings) -> QuantalFit:
    n = np.array(table.wholes("n", least=1), dtype=float)
    responders = np.array(table.wholes("responders"), dtype=float)
    return fit_quantal(samples, x, n, responders, link=Link(settings["link"]))


def _quantile(settings: Settings) -> float:
    return float(ndtri((1 + settings["confidence_level"]) / 2))


TASKS = (relative_potency_quantal, ed50_quantal)
