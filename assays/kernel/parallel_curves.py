"""Relative potency by parallel 4PL or 5PL curves: free, constrained, and how far they may be called parallel.

Free: one curve per sample. Constrained: all parameters common except the location γ. R = exp(γ_S − γ_T), potency =
assigned·R. Limits, with s² and df of the constrained fit unless said otherwise:

    delta_log             exp(ln R ± t·SE),  SE² = V(γ_S) + V(γ_T) − 2cov
    delta_ratio           R ± t·R·SE
    delta_log_pure_error  as delta_log with s² and df of pure error
    fieller               ratio of the two locations as doses
    profile               both l with RSS(ln R = l) = RSS·(1 + F(level; 1, df)/df)

Source: Ph. Eur. 5.3, sections 3.4 and 5.4; Bates & Watts 1988 for the profile; USP <1032>, <1034> for similarity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from assays.kernel.curves import Fit
from assays.kernel.forms import Form, Model, Written, fit_form, write
from assays.kernel.logistic import ZERO_DOSE, Array, centre
from assays.kernel.projection import Engine, Start, project
from assays.kernel.quantiles import chi2_tail, f_quantile, f_tail, require_freedom, t_quantile
from assays.kernel.ratios import ratio_limits
from assays.kernel.status import Status, UnableToAnswer

SECANT_STEPS = 40
PROFILE_TOLERANCE = 1e-11  # on ln R
FARTHEST = 30.0  # ln units


@dataclass(frozen=True, slots=True)
class Bundle:
    """Wells of a parallel-curve assay: `curve` (n,) is the index of each well's sample, −1 a control of dose 0
    that belongs to every curve; in the free fits the controls go to the sample `controls_of`."""

    samples: tuple[str, ...]
    doses: Array
    y: Array
    curve: NDArray[np.intp]
    controls_of: int | None = None
    engine: Engine = Engine.NUMPY

    def of(self, index: int) -> NDArray[np.bool_]:
        own = self.curve == index
        return own | (self.curve < 0) if self.controls_of == index else own


@dataclass(frozen=True, slots=True)
class Parallelism:
    """F of the extra sum of squares, its tail probability and degrees of freedom."""

    f: float
    p: float
    df1: int
    df2: int

    def rejected(self, alpha: float) -> bool:
        """Whether p lies below `alpha`."""
        return self.p < alpha


@dataclass(frozen=True, slots=True)
class FreeFits:
    """One curve per sample, in the order of the bundle, with their pooled rss, df and s²."""

    fits: tuple[Fit, ...]
    form: Form

    @property
    def rss(self) -> float:
        return sum(fit.rss for fit in self.fits)

    @property
    def df(self) -> int:
        return sum(fit.n - fit.family.parameters for fit in self.fits)

    @property
    def variance(self) -> float:
        require_freedom(self.df)
        return self.rss / self.df

    def written(self, index: int) -> Written:
        return write(self.fits[index], self.form)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A parameter of the test over that of the standard, with limits."""

    estimate: float
    limits: tuple[float, float] | UnableToAnswer

    def inside(self, margins: tuple[float, float]) -> bool:
        """Whether both limits lie within the margins, ends included; limits that do not exist do not."""
        return not isinstance(self.limits, UnableToAnswer) and _within(self.limits, margins)


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter of the test less that of the standard, with limits, in units of the parameter."""

    estimate: float
    limits: tuple[float, float]

    def inside(self, margins: tuple[float, float]) -> bool:
        """Whether both limits lie within the margins, ends included."""
        return _within(self.limits, margins)


def _within(limits: tuple[float, float], margins: tuple[float, float]) -> bool:
    return margins[0] <= limits[0] and limits[1] <= margins[1]


def fit_free(bundle: Bundle, *, model: Model, form: Form) -> FreeFits:
    """One unconstrained curve per sample; raises what `fit_form` raises, naming the sample."""
    fits = []
    for index, sample in enumerate(bundle.samples):
        own = bundle.of(index)
        try:
            fits.append(
                fit_form(
                    bundle.doses[own],
                    bundle.y[own],
                    np.ones(int(own.sum())),
                    model=model,
                    form=form,
                    engine=bundle.engine,
                )
            )
        except UnableToAnswer as refused:
            raise UnableToAnswer(refused.status, f"{sample}: {refused.reason}") from refused
    return FreeFits(tuple(fits), form)


def fit_constrained(bundle: Bundle, *, model: Model, form: Form, free: FreeFits | None = None) -> Fit:
    """All parameters common except γ; the free fits, where there are any, give further starts.

    Minimises Σ(y − f)² over all wells (n,). Raises what `fit_form` raises.
    """
    curve = np.where(bundle.curve < 0, 0, bundle.curve)
    also = None
    if free is not None:
        mu = np.array([_location(fit) for fit in free.fits])
        b = np.array([fit.b for fit in free.fits])
        log_g = np.array([fit.log_g for fit in free.fits])
        also = Start(b, np.repeat(mu[:, None], len(b), axis=1), log_g)
    return fit_form(
        bundle.doses,
        bundle.y,
        np.ones(len(bundle.y)),
        model=model,
        form=form,
        curve=curve,
        curves=len(bundle.samples),
        also=also,
        engine=bundle.engine,
    )


def _location(fit: Fit, index: int = 0) -> float:
    """μ, the ln dose where s = ½."""
    gamma = float(fit.gamma[index])
    if not fit.family.asymmetric:
        return gamma
    return gamma + fit.family.sign * float(centre(np.array(fit.log_g))[0]) / fit.b


def parallelism(free: FreeFits, constrained: Fit) -> Parallelism:
    """Extra sum of squares: F = ((rss_c − rss_f)/df1)/(rss_f/df_f), df1 the parameters that were given up.

    A difference test: a noisy assay passes more easily (Gottschalk & Dunn 2005), which is why `equivalence`
    decides. Raises too_few_values without degrees of freedom, not_evaluable for free curves without residual.
    """
    df1, df2 = constrained.df - free.df, free.df
    if free.variance == 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "the free curves fit exactly")
    f = ((constrained.rss - free.rss) / df1) / free.variance
    return Parallelism(f, f_tail(max(f, 0.0), df1, df2), df1, df2)


def parallelism_chi2(free: FreeFits, constrained: Fit, *, variance: float) -> tuple[float, float]:
    """χ² = (rss_c − rss_f)/σ² with df1 degrees of freedom, and its tail, for a known variance σ² of a well.

    σ² in squared units of the response. It does not depend on the noise of this plate, but wholly on the right σ².
    Raises nothing. Source: Gottschalk & Dunn 2005.
    """
    if not variance > 0:
        raise UnableToAnswer(Status.BAD_INPUT, f"the known variance {variance:g} is not above zero")
    chi2 = (constrained.rss - free.rss) / variance
    return chi2, chi2_tail(max(chi2, 0.0), constrained.df - free.df)


def log_ratio(fit: Fit, standard: int, test: int) -> tuple[float, float]:
    """ln R = γ_S − γ_T and its SE² before the factor s²; samples by index. Raises nothing."""
    first = fit.family.linear + 1
    contrast = np.zeros(len(fit.theta))
    contrast[first + standard] += 1.0
    contrast[first + test] -= 1.0
    return float(contrast @ fit.theta), float(contrast @ fit.inverse @ contrast)


def delta_log(fit: Fit, standard: int, test: int, *, variance: float, t: float) -> tuple[float, float]:
    """exp(ln R ± t·SE), without the assigned potency; `variance` is s². Raises nothing."""
    value, unit = log_ratio(fit, standard, test)
    half = t * sqrt(variance * unit)
    return exp(value - half), exp(value + half)


def delta_ratio(fit: Fit, standard: int, test: int, *, variance: float, t: float) -> tuple[float, float]:
    """R ± t·R·SE, without the assigned potency; `variance` is s². Raises nothing."""
    value, unit = log_ratio(fit, standard, test)
    half = t * sqrt(variance * unit)
    return exp(value) * (1 - half), exp(value) * (1 + half)


def fieller_of_doses(fit: Fit, standard: int, test: int, *, variance: float, t: float) -> tuple[float, float]:
    """Fieller's limits of exp(γ_S)/exp(γ_T), without the assigned potency; `variance` is s².

    Raises limits_do_not_exist where the dose of the test is not significant.
    """
    first = fit.family.linear + 1
    s, u = first + standard, first + test
    # In units of the two doses themselves, so that neither is tiny.
    low, high = ratio_limits(
        1.0,
        1.0,
        v11=variance * float(fit.inverse[s, s]),
        v22=variance * float(fit.inverse[u, u]),
        v12=variance * float(fit.inverse[s, u]),
        t=t,
    )
    ratio = exp(float(fit.gamma[standard] - fit.gamma[test]))
    return ratio * low, ratio * high


def profile(fit: Fit, standard: int, test: int, *, confidence: float) -> tuple[float, float]:
    """Limits of R by the likelihood profile, both sides at once.

    For a given l = ln R the test's wells, moved by l, share the standard's location. The signed root
    τ(l) = √((RSS(l) − RSS)/s²) is nearly a straight line; the secant method finds τ = ±√F. Raises
    limits_do_not_exist where the profile never rises so far.
    """
    value, unit = log_ratio(fit, standard, test)
    se = sqrt(fit.variance * unit)
    target = sqrt(f_quantile(confidence, 1, fit.df))
    sides = np.array([-1.0, 1.0])
    points = _Profile(fit, standard, test)
    near, tau_near = np.full(2, value), np.zeros(2)
    far = value + sides * target * se
    for _ in range(SECANT_STEPS):
        tau = points.tau(far, value)
        if not np.isfinite(tau).all():
            raise UnableToAnswer(
                Status.LIMITS_DO_NOT_EXIST, "the profile has no minimum on the way to its limit"
            )
        slope = (tau - tau_near) / np.where(far == near, 1.0, far - near)
        open_ = np.abs(far - near) > 0
        move = np.where(open_ & (slope > 0), (sides * target - tau) / np.where(slope > 0, slope, 1.0), 0.0)
        move = np.where(open_ & (slope <= 0) & (np.abs(tau) < target), sides * se * target, move)
        near, tau_near = far, tau
        far = far + np.clip(move, -4 * se * target, 4 * se * target)
        if np.abs(move).max() <= PROFILE_TOLERANCE:
            return exp(far[0]), exp(far[1])
        if np.abs(far - value).max() > FARTHEST:
            break
    raise UnableToAnswer(Status.LIMITS_DO_NOT_EXIST, "the profile never rises to its limit")


class _Profile:
    """The constrained fit with the test tied to the standard at a given ln R."""

    def __init__(self, fit: Fit, standard: int, test: int) -> None:
        self.fit, self.moved = fit, fit.curve == test
        kept = [index for index in range(fit.family.curves) if index != test]
        place = {index: position for position, index in enumerate(kept)} | {test: kept.index(standard)}
        self.curve = np.array([place[index] for index in fit.curve.tolist()], dtype=np.intp)
        family = fit.family
        self.family = type(family)(family.asymmetric, family.rises, family.through_zero, len(kept))
        self.mu = np.array([_location(fit, index) for index in kept])
        self.floor = ZERO_DOSE / 2

    def tau(self, at: Array, best: float) -> Array:
        """Signed root of the excess residual sum of squares at each ln R, (k,)."""
        fit = self.fit
        shift = np.where(self.moved & (fit.log_x > self.floor), 1.0, 0.0)
        log_x = fit.log_x + at[:, None] * shift
        count = len(at)
        start = Start(
            np.full(count, fit.b), np.repeat(self.mu[:, None], count, axis=1), np.full(count, fit.log_g)
        )
        found = project(
            self.family,
            log_x,
            np.broadcast_to(fit.y, log_x.shape),
            np.broadcast_to(fit.weights, log_x.shape),
            curve=self.curve,
            start=start,
            engine=fit.engine,
        )
        excess = np.where(found.converged, found.rss - fit.rss, np.nan)
        return np.sign(at - best) * np.sqrt(np.maximum(excess, 0.0) / fit.variance)


RATIOS = ("upper_asymptote", "lower_asymptote", "slope", "range")


def ratio_of(free: FreeFits, standard: int, test: int, parameter: str, *, confidence: float) -> Ratio:
    """T/S of a parameter of the free fits: `upper_asymptote`, `lower_asymptote`, `slope` or `range`.

    Fieller's limits with the pooled s² of the free fits, covariance 0 between samples, t with their df. Raises
    not_evaluable where the parameter of the standard is 0, unsupported for another parameter, too_few_values without
    degrees of freedom; limits that do not exist are the refusal in their place. Source: USP <1032>.
    """
    a, va = _parameter(free.fits[test], parameter)
    b, vb = _parameter(free.fits[standard], parameter)
    if b == 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, f"the {parameter} of the standard is 0")
    s2 = free.variance
    try:
        limits: tuple[float, float] | UnableToAnswer = ratio_limits(
            a, b, v11=s2 * va, v22=s2 * vb, v12=0.0, t=t_quantile(confidence, free.df)
        )
    except UnableToAnswer as refused:
        limits = refused
    return Ratio(a / b, limits)


def difference_of(
    free: FreeFits, standard: int, test: int, parameter: str, *, confidence: float
) -> Difference:
    """T − S of a parameter of the free fits for margins set on differences: ± t·√(s²(v_T + v_S)), pooled s².

    In the unit of the parameter. Raises unsupported for another parameter, too_few_values without degrees of freedom.
    Source: USP <1032>.
    """
    a, va = _parameter(free.fits[test], parameter)
    b, vb = _parameter(free.fits[standard], parameter)
    half = t_quantile(confidence, free.df) * sqrt(free.variance * (va + vb))
    return Difference(a - b, (a - b - half, a - b + half))


def _parameter(fit: Fit, parameter: str) -> tuple[float, float]:
    """Value and variance (before s²). The slope is signed by the direction of the curve."""
    contrast = np.zeros(len(fit.theta))
    first_is_upper = fit.a >= fit.d
    match parameter:
        case "upper_asymptote":
            contrast[0 if first_is_upper else 1] = 1.0
        case "lower_asymptote":
            contrast[1 if first_is_upper else 0] = 1.0
        case "range":
            contrast[[0, 1]] = (1.0, -1.0) if first_is_upper else (-1.0, 1.0)
        case "slope":
            contrast[2] = 1.0
        case _:
            raise UnableToAnswer(Status.UNSUPPORTED, f"{parameter} is no parameter that is compared")
    value = float(contrast @ fit.theta)
    if parameter == "slope" and not fit.rises_with_dose:
        value = -value
    return value, float(contrast @ fit.inverse @ contrast)


def equivalence(found: Mapping[str, Ratio | Difference], margins: Mapping[str, tuple[float, float]]) -> bool:
    """Similar if the limits of every ratio or difference with a margin lie inside it (two one-sided tests; 90 %
    limits test at 5 %). This decides; the difference tests stand beside it.

    Raises bad_input without a margin, which would call everything similar, for a margin of what was not compared,
    and for one whose ends are not in order. Source: USP <1032>.
    """
    if not margins:
        raise UnableToAnswer(Status.BAD_INPUT, "similarity needs a margin that was set beforehand")
    for name, (lower, upper) in margins.items():
        if name not in found:
            raise UnableToAnswer(Status.BAD_INPUT, f"{name} has a margin and was not compared")
        if not lower < upper:
            raise UnableToAnswer(Status.BAD_INPUT, f"the margin of {name}, {lower:g} to {upper:g}, is none")
    return all(found[name].inside(margin) for name, margin in margins.items())


def pool_within(samples: Sequence[object], doses: Array, y: Array) -> tuple[float, int]:
    """Pure error: Σ(y − ȳ)² within equal sample and dose, in squared units of y (n,), and its degrees of freedom.

    Raises nothing: without replicates it is 0 with 0 df. Source: Ph. Eur. 5.3, section 3.2.
    """
    cells: dict[tuple[object, float], list[float]] = {}
    for sample, dose, value in zip(samples, doses.tolist(), y.tolist(), strict=True):
        cells.setdefault((sample, dose), []).append(value)
    ss = sum(float(((np.array(v) - np.mean(v)) ** 2).sum()) for v in cells.values())
    return ss, len(y) - len(cells)
