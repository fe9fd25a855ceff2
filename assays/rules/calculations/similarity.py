"""One sample against the reference on one plate: relative potency with its limits, and whether both are similar.

Parallel curves (4PL, 5PL) or parallel lines, the sample with the reference alone: another sample that is not similar
moves nothing. Similar is decided by equivalence: the limits of every ratio of the free fits lie inside its margins; F
and χ² stand beside. Source: USP <1032>, <1034>; Ph. Eur. 5.3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import exp, log

import numpy as np

from assays.kernel.curves import Fit
from assays.kernel.forms import Form, Model
from assays.kernel.missing import Missing
from assays.kernel.parallel_curves import (
    Bundle,
    FreeFits,
    Ratio,
    delta_log,
    fieller_of_doses,
    fit_constrained,
    fit_free,
    log_ratio,
    parallelism,
    parallelism_chi2,
    profile,
    ratio_of,
)
from assays.kernel.parallel_lines import fit_parallel_lines, slope_ratio_of_lines
from assays.kernel.quantiles import chi2_tail, t_quantile
from assays.kernel.second_solver import logistic_again, parallel_lines_again
from assays.kernel.status import UnableToAnswer

from .second_opinion import Compared, compare

REFERENCE, SAMPLE = "reference", "sample"
Limits = tuple[float, float]


class CurveModel(StrEnum):
    FOUR = "parallel 4PL curves"
    FIVE = "parallel 5PL curves"
    LINES = "parallel lines on ln dose"

    @property
    def logistic(self) -> Model:
        return Model.FIVE if self is CurveModel.FIVE else Model.FOUR


class Parameter(StrEnum):
    """What the margins of similarity are set on, as ratios of sample to reference."""

    SLOPE = "slope"
    RANGE = "range"
    UPPER = "upper asymptote"
    LOWER = "lower asymptote"

    @property
    def of_kernel(self) -> str:
        return self.value.replace(" ", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The wells of reference and sample that count: doses, and responses as they are fitted."""

    doses: tuple[float, ...]
    responses: tuple[float, ...]
    is_sample: tuple[bool, ...]

    @property
    def names(self) -> list[str]:
        return [SAMPLE if own else REFERENCE for own in self.is_sample]

    @property
    def bundle(self) -> Bundle:
        """Dose 0 of the reference belongs to both curves; in the free fits to the reference."""
        curve = [-1 if dose == 0 else int(own) for dose, own in zip(self.doses, self.is_sample, strict=True)]
        return Bundle(
            samples=(REFERENCE, SAMPLE),
            doses=np.array(self.doses),
            y=np.array(self.responses),
            curve=np.array(curve, dtype=np.intp),
            controls_of=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """One ratio against its margins."""

    parameter: Parameter
    ratio: float | Missing
    limits: Limits | Missing
    margins: Limits

    @property
    def passed(self) -> bool:
        if isinstance(self.limits, Missing):
            return False
        return self.margins[0] <= self.limits[0] and self.limits[1] <= self.margins[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A sample against the reference; `limits` of R by name, the one that is reported first. `line` gives the
    response of reference and sample at a dose, by the fit with all but the location in common."""

    log_ratio: float
    df: int
    limits: Mapping[str, Limits | Missing]
    similarity: tuple[Compliance, ...]
    f: float | Missing
    p: float | Missing
    chi2: float | Missing
    chi2_p: float | Missing
    parameters: Mapping[str, float]
    compared: tuple[Compared, ...]
    line: Callable[[float, bool], float]

    @property
    def ratio(self) -> float:
        return exp(self.log_ratio)

    @property
    def reported(self) -> Limits | Missing:
        return next(iter(self.limits.values()))

    @property
    def differs(self) -> str:
        """Why they are not similar, or nothing."""
        return "; ".join(
            f"{one.parameter.value} ratio "
            + (
                f"{one.ratio:.3g} ({one.limits[0]:.3g} to {one.limits[1]:.3g})"
                if not isinstance(one.limits, Missing) and not isinstance(one.ratio, Missing)
                else f"without limits: {one.limits.reason if isinstance(one.limits, Missing) else ''}"
            )
            + f", allowed {one.margins[0]:g} to {one.margins[1]:g}"
            for one in self.similarity
            if not one.passed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a method fixes before any data are seen."""

    model: CurveModel
    margins: Mapping[Parameter, Limits]
    confidence: float
    similarity_confidence: float
    well_variance: float | None


def compare_with_reference(points: Points, asked: Asked) -> Comparison | Missing:
    """Missing, with the reason, where the kernel refuses a fit."""
    try:
        return _lines(points, asked) if asked.model is CurveModel.LINES else _curves(points, asked)
    except UnableToAnswer as refusal:
        return refusal.answer


def _curves(points: Points, asked: Asked) -> Comparison:
    bundle, model = points.bundle, asked.model.logistic
    free = fit_free(bundle, model=model, form=Form.ABCD)
    fit = fit_constrained(bundle, model=model, form=Form.ABCD, free=free)
    value, _ = log_ratio(fit, 0, 1)
    variance, t = fit.variance, t_quantile(asked.confidence, fit.df)
    tested = parallelism(free, fit)
    known = asked.well_variance
    chi2 = parallelism_chi2(free, fit, variance=known) if known else None
    none = Missing("the method names no variance of a well")
    return Comparison(
        log_ratio=value,
        df=fit.df,
        limits={
            "profile": _or_why(partial(profile, fit, 0, 1, confidence=asked.confidence)),
            "delta": _or_why(partial(delta_log, fit, 0, 1, variance=variance, t=t)),
            "Fieller": _or_why(partial(fieller_of_doses, fit, 0, 1, variance=variance, t=t)),
        },
        similarity=tuple(_compliance(free, asked, *one) for one in asked.margins.items()),
        f=tested.f,
        p=tested.p,
        chi2=chi2[0] if chi2 else none,
        chi2_p=chi2[1] if chi2 else none,
        parameters=_parameters(fit),
        compared=tuple(_solved_again(points, bundle, asked.model, free, fit, value)),
        line=lambda dose, own: float(
            fit.at(np.array([log(dose)]), np.array([int(own)], dtype=np.intp)).value[0]
        ),
    )


def _parameters(fit: Fit) -> dict[str, float]:
    c = [exp(float(gamma)) for gamma in fit.gamma]
    rss = {"s": fit.variance**0.5}
    g = {"g": exp(fit.log_g)} if fit.family.asymmetric else {}
    return {"A": fit.a, "D": fit.d, "B": fit.b, "C reference": c[0], "C sample": c[1]} | g | rss


def _compliance(free: FreeFits, asked: Asked, parameter: Parameter, margins: Limits) -> Compliance:
    try:
        found: Ratio = ratio_of(free, 0, 1, parameter.of_kernel, confidence=asked.similarity_confidence)
    except UnableToAnswer as refusal:
        return Compliance(parameter=parameter, ratio=refusal.answer, limits=refusal.answer, margins=margins)
    limits = found.limits.answer if isinstance(found.limits, UnableToAnswer) else found.limits
    return Compliance(parameter=parameter, ratio=found.estimate, limits=limits, margins=margins)


def _solved_again(
    points: Points, bundle: Bundle, model: CurveModel, free: FreeFits, fit: Fit, value: float
) -> list[Compared]:
    """The common fit with its potency, and both free fits; a 5PL's parameters are weakly determined, so of a free
    one the residual sum of squares is compared, on the scale of all that varies."""
    asymmetric = model is CurveModel.FIVE
    total = float(((bundle.y - bundle.y.mean()) ** 2).sum())
    height = fit.d - fit.a
    again = logistic_again(points.doses, points.responses, points.is_sample, asymmetric=asymmetric)
    if isinstance(again, Missing):
        return [compare("ratio", exp(value), again)]
    found = [
        compare("ratio", exp(value), again.ratio),
        compare("residual sum of squares", fit.rss, again.rss, of=total),
    ]
    if not asymmetric:
        ends = sorted((fit.a, fit.d)), sorted((again.at_zero, again.at_infinity))
        names = ("lower asymptote", "upper asymptote")
        found += [compare(name, *pair, of=height) for name, *pair in zip(names, *ends, strict=True)]
        found.append(compare("slope", abs(fit.b), again.b))
    for index, name in enumerate(bundle.samples):
        own = bundle.of(index)
        alone = logistic_again(
            bundle.doses[own].tolist(),
            bundle.y[own].tolist(),
            [False] * int(own.sum()),
            asymmetric=asymmetric,
        )
        rss = alone if isinstance(alone, Missing) else alone.rss
        found.append(compare(f"{name} alone, residual sum of squares", free.fits[index].rss, rss, of=total))
    return found


def _lines(points: Points, asked: Asked) -> Comparison:
    names, doses, y = points.names, np.array(points.doses), np.array(points.responses)
    fit = fit_parallel_lines(names, doses, y, standard=REFERENCE)
    value = fit.log_potency(SAMPLE)
    slope, ratio = parallel_lines_again(points.doses, points.responses, points.is_sample)
    nonparallel, residual = fit.terms["nonparallelism"], fit.residual
    known = asked.well_variance
    chi2 = nonparallel.ss / known if known else Missing("the method names no variance of a well")
    none = Missing("no residual variance")
    f, p = nonparallel.against(residual) if residual.ms > 0 else (none, none)
    mean = {own: float(y[[one is own for one in points.is_sample]].mean()) for own in (False, True)}
    centre = {
        own: float(np.log(doses[[one is own for one in points.is_sample]]).mean()) for own in (False, True)
    }
    return Comparison(
        log_ratio=value,
        df=residual.df,
        limits={"Fieller": _or_why(partial(fit.fieller, SAMPLE, confidence=asked.confidence))},
        similarity=tuple(_slopes(names, doses, y, asked, *one) for one in asked.margins.items()),
        f=f,
        p=p,
        chi2=chi2,
        chi2_p=chi2 if isinstance(chi2, Missing) else chi2_tail(chi2, nonparallel.df),
        parameters={"slope": fit.slope, "s": residual.ms**0.5} | _linearity(fit),
        compared=(compare("ratio", exp(value), ratio), compare("slope", fit.slope, slope)),
        line=lambda dose, own: mean[own] + fit.slope * (log(dose) - centre[own]),
    )


def _linearity(fit) -> dict[str, float]:
    """p of the difference test for a bend, beside the decision as that of parallelism."""
    bend = fit.terms.get("nonlinearity")
    if bend is None or fit.residual.ms == 0:
        return {}
    return {"p of non-linearity": bend.against(fit.residual)[1]}


def _slopes(
    names: Sequence[str], doses, y, asked: Asked, parameter: Parameter, margins: Limits
) -> Compliance:
    try:
        ratio, limits = slope_ratio_of_lines(
            names, doses, y, standard=REFERENCE, test=SAMPLE, confidence=asked.similarity_confidence
        )
    except UnableToAnswer as refusal:
        return Compliance(parameter=parameter, ratio=refusal.answer, limits=refusal.answer, margins=margins)
    return Compliance(parameter=parameter, ratio=ratio, limits=limits, margins=margins)


def _or_why(limits: Callable[[], Limits]) -> Limits | Missing:
    try:
        return limits()
    except UnableToAnswer as refusal:
        return refusal.answer
