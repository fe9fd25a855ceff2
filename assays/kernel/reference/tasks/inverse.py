"""Inverse prediction and detection limits."""

from math import fsum
from typing import Any

import numpy as np

from assays.kernel.blank_limits import detection_of_lot, limit_of_blank
from assays.kernel.expressions import parse
from assays.kernel.forms import Form, Model, fit_form
from assays.kernel.inverse import (
    Calibration,
    ExpressionCalibration,
    LineCalibration,
    LogisticCalibration,
    to_scale,
    wald,
)
from assays.kernel.least_squares import fit_expression
from assays.kernel.lines import fit_line, line_limits
from assays.kernel.quantiles import require_freedom, t_quantile
from assays.kernel.reference.registry import Settings, task
from assays.kernel.reference.settings import fields, list_of, number, one_of, share, some_of, text, whole
from assays.kernel.reference.tables import Role, Table
from assays.kernel.reference.tasks.curves import (
    Answers,
    adj_r2,
    attempt,
    expression_answers,
    fit_to,
    form,
    logistic_answers,
    model,
    residual_answers,
    starts,
    transform,
    transformed,
    weights,
)
from assays.kernel.status import Status, UnableToAnswer, Unanswered
from assays.kernel.weights import FitPoints, points_of

_CURVES = {
    "line": fields({"kind": one_of("line")}),
    "logistic": fields({"kind": one_of("logistic"), "model": model, "form": form}),
    "expression": fields(
        {"kind": one_of("expression"), "expression": text, "parameters": list_of(text), "starts": starts}
    ),
}


def _curve(value: Any, path: str) -> Settings:
    kind = value.get("kind") if isinstance(value, dict) else None
    return _CURVES[one_of(*_CURVES)(kind, f"{path}.kind")](value, path)


def _new(value: Any, path: str) -> Settings:
    given = fields(
        {},
        {
            "response": number(),
            "responses": list_of(number()),
            "transformed_response": number(),
            "m": whole(least=1),
            "weight": number(above=0),
        },
    )(value, path)
    named = [key for key in ("response", "responses", "transformed_response") if given[key] is not None]
    if len(named) != 1:
        raise UnableToAnswer(
            Status.BAD_INPUT, f"{path} needs one of response, responses, transformed_response."
        )
    return given


@task(
    "inverse_prediction",
    roles={"x": Role(), "response": Role()},
    settings={
        "curve": _curve,
        "weights": weights,
        "fit_to": fit_to,
        "variance": one_of("curve", "pooled", "curve_with_pooled_df"),
        "confidence_level": share,
        "intervals": some_of("wald", "inversion", "mean_response", "curve_only"),
        "report_scale": one_of("x", "log10", "ln"),
        "new": list_of(_new),
    },
    optional={"response_transform": transform, "adj_r2": adj_r2},
)
def inverse_prediction(table: Table, settings: Settings) -> Answers:
    """From new responses back to x, with the intervals of `inverse`."""
    points = points_of(
        table.numbers("x"),
        transformed(table.numbers("response"), settings["response_transform"]),
        weights=settings["weights"],
        level_means=settings["fit_to"] == "level_means",
    )
    calibration, answers = _calibrate(points, settings)
    for item, new in enumerate(settings["new"], start=1):
        found = _predict(calibration, answers["fit.rss"], answers["fit.df"], new, settings)
        answers |= {f"items.{item}.{key}": value for key, value in found.items()}
    return answers


def _calibrate(points: FitPoints, settings: Settings) -> tuple[Calibration, Answers]:
    curve = settings["curve"]
    if curve["kind"] == "line":
        line = fit_line(points.x, points.y, points.weights)
        answers: Answers = {"fit.intercept": line.intercept, "fit.slope": line.slope}
        errors = attempt(lambda: np.sqrt(line.variance * np.diag(line.inverse)))
        for index, key in enumerate(("intercept", "slope")):
            answers[f"fit.se.{key}"] = errors if isinstance(errors, Unanswered) else float(errors[index])
        return LineCalibration(line), answers | residual_answers(points, line.rss, 2, settings)
    if curve["kind"] == "logistic":
        form = Form(curve["form"])
        if form is Form.LOG10 and settings["report_scale"] != "log10":
            raise UnableToAnswer(Status.UNSUPPORTED, "log10_logistic reports on the scale log10.")
        fit = fit_form(points.x, points.y, points.weights, model=Model(curve["model"]), form=form)
        return LogisticCalibration(fit), logistic_answers(fit, points, form, settings)
    positive = points.x[points.x > 0]
    if not len(positive):
        raise UnableToAnswer(Status.BAD_INPUT, "There is no x above 0.")
    found = fit_expression(
        parse(curve["expression"], curve["parameters"]),
        points.x,
        points.y,
        points.weights,
        starts=curve["starts"],
    )
    answers = expression_answers(found) | residual_answers(points, found.rss, len(found.theta), settings)
    return ExpressionCalibration(found, float(positive.min()), float(positive.max())), answers


def _predict(calibration: Calibration, rss: float, df: int, new: Settings, settings: Settings) -> Answers:
    scale, kinds = settings["report_scale"], settings["intervals"]
    found = attempt(_reading, new, settings)
    dose = found if isinstance(found, Unanswered) else attempt(calibration.dose_at, found[0])
    if isinstance(dose, Unanswered):
        return {"x": dose} | {f"{kind}.{key}": dose for kind in kinds for key in _keys_of(kind)}
    y0, m, spread = found
    answers: Answers = {"x": attempt(_on_scale, dose, scale)}
    spared = attempt(_variance, rss, df, m, spread, settings)
    if isinstance(spared, Unanswered):
        return answers | {f"{kind}.{key}": spared for kind in kinds for key in _keys_of(kind)}
    variance, t = spared
    reading = variance / (m * (new["weight"] or 1.0))
    for kind in kinds:
        own = reading if kind in ("wald", "inversion") else 0.0
        answers |= _interval(calibration, kind, y0, dose, reading=own, variance=variance, t=t, scale=scale)
    return answers


def _keys_of(kind: str) -> tuple[str, ...]:
    return ("se", "half_width", "lower", "upper") if kind in ("wald", "curve_only") else ("lower", "upper")


def _interval(
    calibration: Calibration,
    kind: str,
    y0: float,
    dose: float,
    *,
    reading: float,
    variance: float,
    t: float,
    scale: str,
) -> Answers:
    if kind in ("wald", "curve_only"):
        found = attempt(wald, calibration, dose, reading=reading, variance=variance, t=t, scale=scale)
        return {
            f"{kind}.{key}": found if isinstance(found, Unanswered) else getattr(found, key)
            for key in _keys_of(kind)
        }
    limits = attempt(calibration.limits, y0, dose, reading=reading, variance=variance, t=t)
    if isinstance(limits, Unanswered):
        return {f"{kind}.lower": limits, f"{kind}.upper": limits}
    return {
        f"{kind}.{key}": attempt(_on_scale, limit, scale)
        for key, limit in zip(("lower", "upper"), limits, strict=True)
    }


def _on_scale(dose: float, scale: str) -> float:
    return to_scale(dose, scale)[0]


def _reading(new: Settings, settings: Settings) -> tuple[float, int, float | None]:
    """The mean of the new readings on the scale of the fit, their number, and Σ(y0 − ȳ0)² where they are known."""
    how = settings["response_transform"]
    if new["responses"] is not None:
        readings = transformed(np.array(new["responses"], dtype=float), how)
        mean = fsum(readings) / len(readings)
        return mean, len(readings), fsum((readings - mean) ** 2)
    m = new["m"] or 1
    spread = 0.0 if m == 1 else None
    if new["transformed_response"] is not None:
        return new["transformed_response"], m, spread
    return float(transformed(np.array([new["response"]], dtype=float), how)[0]), m, spread


def _variance(rss: float, df: int, m: int, spread: float | None, settings: Settings) -> tuple[float, float]:
    """s² and t by the declared rule."""
    rule, level = settings["variance"], settings["confidence_level"]
    if rule == "curve":
        require_freedom(df)
        return rss / df, t_quantile(level, df)
    if spread is None:
        raise UnableToAnswer(Status.BAD_INPUT, f"The variance {rule} needs the single responses.")
    pooled = df + m - 1
    require_freedom(pooled)
    if rule == "pooled":
        return (rss + spread) / pooled, t_quantile(level, pooled)
    require_freedom(df)
    return rss / df, t_quantile(level, pooled)


@task(
    "calibration_line_limits",
    roles={"x": Role(), "response": Role()},
    settings={
        "alpha": share,
        "m": whole(least=1),
        "detection": one_of("twice_critical"),
        "quantitation": fields({"k": number(above=0), "confidence_level": share}),
    },
)
def calibration_line_limits(table: Table, settings: Settings) -> Answers:
    """Critical value, detection and quantitation limit: `lines.line_limits`."""
    line, quantitation = fit_line(table.numbers("x"), table.numbers("response")), settings["quantitation"]
    answers: Answers = {
        "fit.intercept": line.intercept,
        "fit.slope": line.slope,
        "fit.resid_sd": attempt(lambda: line.variance**0.5),
    }
    keys = ("critical_value", "detection_limit", "quantitation_limit")
    limits = attempt(
        line_limits,
        line,
        alpha=settings["alpha"],
        m=settings["m"],
        k=quantitation["k"],
        confidence=quantitation["confidence_level"],
    )
    return answers | {key: limits if isinstance(limits, Unanswered) else getattr(limits, key) for key in keys}


@task(
    "lob_lod",
    roles={"value": Role(), "kind": Role(), "sample": Role(), "lot": Role()},
    settings={
        "blank_value": text,
        "low_value": text,
        "lob_method": one_of("nonparametric_rank"),
        "percentile": share,
        "lod_method": one_of("parametric_cp"),
        "z": number(),
    },
)
def lob_lod(table: Table, settings: Settings) -> Answers:
    """Limits of blank and detection, lot by lot: `blank_limits`."""
    values, lots = table.numbers("value").tolist(), table.names("lot")
    kinds, samples = table.cells("kind"), table.cells("sample")
    rows = list(zip(values, lots, kinds, samples, strict=True))
    answers: Answers = {}
    lobs: list[float | Unanswered] = []
    for lot in dict.fromkeys(lots):
        blanks = [
            value for value, own, kind, _ in rows if own == lot and kind == settings["blank_value"].strip()
        ]
        if blanks:
            lobs.append(attempt(limit_of_blank, blanks, percentile=settings["percentile"]))
            answers[f"lots.{lot}.lob"] = lobs[-1]
    if not lobs:
        raise UnableToAnswer(Status.BAD_INPUT, "There is no blank.")
    answers["lob"] = lob = _largest(lobs)
    lods: list[float | Unanswered] = []
    for lot in dict.fromkeys(lots):
        low: dict[str, list[float]] = {}
        for value, own, kind, sample in rows:
            if own == lot and kind == settings["low_value"].strip():
                low.setdefault(sample, []).append(value)
        if not low:
            continue
        found = attempt(detection_of_lot, low, lob=lob, z=settings["z"])
        for key in ("sd_low", "c_p", "lod"):
            answers[f"lots.{lot}.{key}"] = found if isinstance(found, Unanswered) else getattr(found, key)
        lods.append(answers[f"lots.{lot}.lod"])
    nothing = Unanswered("There is no low sample.", Status.TOO_FEW_VALUES)
    return answers | {"lod": _largest(lods) if lods else nothing}


def _largest(limits: list[float | Unanswered]) -> float | Unanswered:
    """The largest; where one of them is not known, neither is the largest."""
    unknown = [limit for limit in limits if isinstance(limit, Unanswered)]
    return unknown[0] if unknown else max(limit for limit in limits if not isinstance(limit, Unanswered))


TASKS = (inverse_prediction, calibration_line_limits, lob_lod)
