"""Curve fits: the logistic family in six forms, and certified fits of expressions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from assays.kernel.curves import Fit, effective_dose
from assays.kernel.dose_response import adjusted_r2, akaike, lack_of_fit, pure_error
from assays.kernel.expressions import parse
from assays.kernel.forms import Form, Model, fit_form, write
from assays.kernel.least_squares import ExpressionFit
from assays.kernel.least_squares import fit_expression as least_squares
from assays.kernel.logistic import Array
from assays.kernel.reference.names import name, name_of
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import (
    either,
    fields,
    flag,
    list_of,
    mapping_of,
    number,
    one_of,
    some_of,
    text,
    whole,
)
from assays.kernel.reference.tables import Role, Table
from assays.kernel.status import Status, UnableToAnswer, Unanswered
from assays.kernel.weights import FitPoints, WeightRule, Weights, points_of

Answers = dict[str, Any]


def _weights(value: Any, path: str) -> Weights:
    given = either(
        lambda v: isinstance(v, dict),
        fields(
            {"kind": one_of("1/sd2_level")},
            {"sd_decimals": whole(least=0), "weight_decimals": whole(least=0)},
        ),
        one_of("none", "1/y", "1/y2"),
    )(value, path)
    if isinstance(given, str):
        return Weights(WeightRule(given))
    return Weights(WeightRule(given["kind"]), given["sd_decimals"], given["weight_decimals"])


model = one_of(*(item.value for item in Model))
form = one_of(*(item.value for item in Form))
weights = _weights
fit_to = one_of("wells", "level_means")
transform = one_of("none", "ln", "log10", "sqrt", "square")
adj_r2 = one_of("n-p-1", "n-p")
se = some_of("gauss_newton", "observed_hessian")
starts = list_of(list_of(number()))


def attempt(compute: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """The value, or the refusal as the answer of this key alone."""
    try:
        return compute(*given, **named)
    except UnableToAnswer as refused:
        return refused.answer


def transformed(y: Array, how: str | None) -> Array:
    """The responses on the scale everything after is on; raises bad_input where they have no logarithm or root."""
    if how in ("ln", "log10") and (y <= 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, f"The response {y.min():g} has no logarithm.")
    if how == "sqrt" and (y < 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, f"The response {y.min():g} has no square root.")
    functions = {"ln": np.log, "log10": np.log10, "sqrt": np.sqrt, "square": np.square}
    return functions[how](y) if how in functions else y


def logistic_answers(fit: Fit, points: FitPoints, form: Form, settings: Settings) -> Answers:
    """Estimates, standard errors and residual statistics of one logistic curve."""
    written, parameters = write(fit, form), len(fit.theta)
    answers: Answers = {f"fit.{key}": value for key, value in written.as_dict().items()}
    kinds = settings.get("se") or ["gauss_newton"]
    if "gauss_newton" in kinds:
        answers |= _errors(
            "fit.se", written.names, lambda: written.standard_errors(fit.inverse, fit.variance)
        )
    if "observed_hessian" in kinds:
        answers |= _errors(
            "fit.se_observed_hessian",
            written.names,
            lambda: written.standard_errors(fit.inverse_hessian(), fit.variance),
        )
    return answers | residual_answers(points, fit.rss, parameters, settings)


def _errors(prefix: str, names: tuple[str, ...], compute: Callable[[], dict[str, float]]) -> Answers:
    found = attempt(compute)
    if isinstance(found, Unanswered):
        return {f"{prefix}.{key}": found for key in names}
    return {f"{prefix}.{key}": value for key, value in found.items()}


def residual_answers(points: FitPoints, rss: float, parameters: int, settings: Settings) -> Answers:
    """What every fit reports beside its parameters."""
    n = len(points.y)
    df = n - parameters
    none = Unanswered("No residual degrees of freedom are left.", Status.TOO_FEW_VALUES)
    answers: Answers = {
        "fit.rss": rss,
        "fit.df": df,
        "fit.resid_sd": (rss / df) ** 0.5 if df > 0 else none,
        "fit.n": n,
        "fit.aic": attempt(akaike, n, rss, parameters),
    }
    if settings.get("adj_r2"):
        answers["fit.adj_r2"] = attempt(
            lambda: adjusted_r2(points.y, points.weights, rss, parameters, denominator=settings["adj_r2"])
        )
    return answers


@task(
    "fit_curve",
    roles={"dose": Role(), "response": Role()},
    settings={"model": model, "form": form, "weights": weights, "fit_to": fit_to, "se": se},
    optional={
        "model_by_group": mapping_of(model, name),
        "response_transform": transform,
        "adj_r2": adj_r2,
        "lack_of_fit": flag,
        "effective_doses": list_of(number(above=0, below=100)),
    },
)
def fit_curve(table: Table, settings: Settings) -> Answers:
    """One logistic curve in the form asked for: `forms.fit_form`, with what `dose_response` reports beside it."""
    points = points_of(
        table.numbers("dose"),
        transformed(table.numbers("response"), settings["response_transform"]),
        weights=settings["weights"],
        level_means=settings["fit_to"] == "level_means",
    )
    of_group = str((settings["model_by_group"] or {}).get(table.group, settings["model"]))
    form = Form(settings["form"])
    fit = fit_form(points.x, points.y, points.weights, model=Model(of_group), form=form)
    answers: Answers = {"fit.model": of_group} | logistic_answers(fit, points, form, settings)
    if settings["lack_of_fit"]:
        pe, df_pe = pure_error(points.x, points.y, points.weights)
        answers |= lack_of_fit_answers(fit.rss, fit.df, pe, df_pe)
    for percent in settings["effective_doses"] or ():
        answers[f"effective_dose.{name_of(str(percent))}"] = effective_dose(fit, percent)
    return answers


def lack_of_fit_answers(rss: float, df: int, pe: float, df_pe: int) -> Answers:
    answers: Answers = {"lack_of_fit.df1": df - df_pe, "lack_of_fit.df2": df_pe}
    found = attempt(lack_of_fit, rss, df, pe, df_pe)
    if isinstance(found, Unanswered):
        return answers | {"lack_of_fit.F": found, "lack_of_fit.p": found}
    return answers | {"lack_of_fit.F": found.f, "lack_of_fit.p": found.p}


def expression_answers(fit: ExpressionFit) -> Answers:
    names = fit.expression.parameters
    answers: Answers = {f"fit.{key}": float(value) for key, value in zip(names, fit.theta, strict=True)}
    errors = attempt(lambda: np.sqrt(fit.variance * np.diag(fit.inverse)))
    for index, key in enumerate(names):
        answers[f"fit.se.{key}"] = errors if isinstance(errors, Unanswered) else float(errors[index])
    return answers


@task(
    "fit_expression",
    roles={"x": Role(), "response": Role()},
    settings={"expression": text, "parameters": list_of(text), "starts": starts, "weights": weights},
)
def fit_expression(table: Table, settings: Settings) -> Answers:
    """Least squares of an expression from given starts: `least_squares.fit_expression`."""
    points = points_of(
        table.numbers("x"), table.numbers("response"), weights=settings["weights"], level_means=False
    )
    expression = parse(settings["expression"], settings["parameters"])
    fit = least_squares(expression, points.x, points.y, points.weights, starts=settings["starts"])
    found = expression_answers(fit) | residual_answers(points, fit.rss, len(fit.theta), settings)
    return {key: value for key, value in found.items() if key not in ("fit.n", "fit.aic")}


TASKS = (fit_curve, fit_expression)
