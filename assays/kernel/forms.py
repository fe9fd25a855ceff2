"""The six ways in which programs write the logistic curve, and the way from our convention to each.

| form | curve | sign |
|---|---|---|
| abcd | y = D + (A − D)/(1 + (x/C)^B)^G | B > 0 |
| ll | y = c + (d − c)/(1 + exp(b(ln x − ln e)))^f | c < d |
| log10_logistic | y = c + (d − c)/(1 + 10^(b(log10 x − e)))^f | c < d |
| ssfpl | y = A + (B − A)/(1 + exp((xmid − ln x)/scal)) | scal > 0 |
| sslogis | y = Asym/(1 + exp((xmid − ln x)/scal)) | |
| pheur | y = δ + (α − δ)/(1 + exp(−β(ln x − γ))) | α > δ |

A form with c < d rises or falls by the sign of its slope; with a fifth parameter that is another family than A
at dose 0, so both are fitted and the lower minimum with c < d is kept. Sources: R packages drc (LL.4, LL.5), stats
(SSfpl, SSlogis) and drLumi; Ph. Eur. 5.3, section 5.4.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from assays.kernel.curves import Fit, fit_bundle
from assays.kernel.logistic import Array, Family, log_doses
from assays.kernel.projection import Engine, Start
from assays.kernel.status import Status, UnableToAnswer

LN10 = log(10.0)
POWER_ROUNDS = 100
POWER_SETTLED = 1e-10  # relative change of a weight


class Model(StrEnum):
    """How many parameters are fitted."""

    THREE = "3PL"
    FOUR = "4PL"
    FIVE = "5PL"


class Form(StrEnum):
    """The ways of writing it, as the table above has them."""

    ABCD = "abcd"
    LL = "ll"
    LOG10 = "log10_logistic"
    SSFPL = "ssfpl"
    SSLOGIS = "sslogis"
    PHEUR = "pheur"

    @property
    def location(self) -> str:
        """The name of the parameter that says where the curve lies."""
        return {"abcd": "C", "ll": "e", "log10_logistic": "e", "pheur": "gamma"}.get(self.value, "xmid")

    @property
    def upper_first(self) -> bool:
        """Whether the sign of the slope, not the order of the asymptotes, tells rising from falling."""
        return self in (Form.LL, Form.LOG10, Form.PHEUR)


_MODELS = {
    Form.ABCD: {Model.FOUR, Model.FIVE},
    Form.LL: {Model.FOUR, Model.FIVE},
    Form.LOG10: {Model.FOUR, Model.FIVE},
    Form.SSFPL: {Model.FOUR},
    Form.SSLOGIS: {Model.THREE},
    Form.PHEUR: {Model.FOUR},
}


@dataclass(frozen=True, slots=True)
class Written:
    """A fit in the parameters of a form: names, values (p,) and ∂(form)/∂(a, d, b, γ …, ln g), (p, p)."""

    names: tuple[str, ...]
    values: Array
    transform: Array

    def covariance(self, inverse: Array, variance: float) -> Array:
        """s²·T(JᵀWJ)⁻¹Tᵀ of the form's own parameters, (p, p), T the transform."""
        return variance * self.transform @ inverse @ self.transform.T

    def standard_errors(self, inverse: Array, variance: float) -> dict[str, float]:
        """Square roots of the diagonal of the covariance, by name."""
        errors = np.sqrt(np.diag(self.covariance(inverse, variance)))
        return dict(zip(self.names, map(float, errors), strict=True))

    def as_dict(self) -> dict[str, float]:
        """Values by name."""
        return dict(zip(self.names, map(float, self.values), strict=True))


def fit_form(
    doses: Array,
    y: Array,
    weights: Array,
    *,
    model: Model,
    form: Form,
    curve: NDArray[np.intp] | None = None,
    curves: int = 1,
    also: Start | None = None,
    engine: Engine = Engine.NUMPY,
) -> Fit:
    """The global minimum of `model` within the sign convention of `form`; arrays (points,).

    Raises unsupported for a model the form cannot write, bad_input for dose 0 in log10_logistic, and whatever
    `fit_bundle` raises.
    """
    if model not in _MODELS[form]:
        raise UnableToAnswer(Status.UNSUPPORTED, f"the form {form} has no {model}")
    if form is Form.LOG10 and (doses <= 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, "log10_logistic needs doses above 0")
    if model is Model.FOUR:
        fit = fit_bundle(
            doses, y, weights, family=Family(curves=curves), curve=curve, also=also, engine=engine
        )
        return _mirrored(fit) if form.upper_first and fit.a < fit.d else fit
    families = [
        Family(asymmetric=model is Model.FIVE, through_zero=model is Model.THREE, rises=rises, curves=curves)
        for rises in (False, True)
    ]
    if form is Form.ABCD:
        return fit_bundle(doses, y, weights, family=families[0], curve=curve, also=also, engine=engine)
    fits, refusals = [], []
    for family in families:
        try:
            fit = fit_bundle(doses, y, weights, family=family, curve=curve, also=also, engine=engine)
        except UnableToAnswer as refused:
            refusals.append(refused)
        else:
            if model is Model.THREE or fit.a > fit.d:
                fits.append(fit)
    if not fits:
        raise refusals[0] if refusals else UnableToAnswer(Status.NOT_CONVERGED, "no minimum has c < d")
    return min(fits, key=lambda fit: fit.rss)


def fit_power_of_mean(doses: Array, y: Array, *, power: float, model: Model, form: Form) -> Fit:
    """Weights μ^(−2t) with μ the fitted curve itself, t = `power` fixed beforehand from validation data.

    Refitted with the weights of the last fit until no weight moves by more than 1e-10. Raises bad_input where the
    curve is not above zero, not_converged where the weights do not settle. Source: Carroll & Ruppert 1988; USP <1032>.
    """
    weights = np.ones(len(y))
    for _ in range(POWER_ROUNDS):
        fit = fit_form(doses, y, weights, model=model, form=form)
        mean = fit.at(log_doses(doses)).value
        if not (mean > 0).all():
            raise UnableToAnswer(Status.BAD_INPUT, "a weight by a power of the mean needs a curve above zero")
        new = mean ** (-2.0 * power)
        if np.abs(new / weights - 1).max() <= POWER_SETTLED:
            return fit
        weights = new
    raise UnableToAnswer(Status.NOT_CONVERGED, "the weights by a power of the mean do not settle")


def _mirrored(fit: Fit) -> Fit:
    """The same 4PL curve with a and d exchanged and the other sign of z."""
    order = np.arange(len(fit.theta))
    order[[0, 1]] = [1, 0]
    return replace(
        fit,
        family=replace(fit.family, rises=not fit.family.rises),
        theta=fit.theta[order],
        inverse=fit.inverse[np.ix_(order, order)],
    )


def write(fit: Fit, form: Form, *, samples: tuple[str, ...] | None = None) -> Written:
    """The fit in the parameters of `form`; with `samples` (curves,) the location of each is `<location>.<sample>`.

    Values and ∂(form)/∂(a, d, b, γ …, ln g), exact; locations in the form's own unit, a dose or its logarithm. Raises
    nothing. Sources: those of the module.
    """
    linear, h = fit.family.linear, fit.family.curves
    size = len(fit.theta)
    at_b, at_gamma = linear, slice(linear + 1, linear + 1 + h)
    identity = np.eye(size)
    upper, lower = (fit.a, identity[0]), (fit.d, identity[min(1, linear - 1)])
    # The sign of z in the form's own exponent: + where s falls with the dose.
    slope = (fit.family.sign * fit.b, fit.family.sign * identity[at_b])
    gammas = [(float(g), row) for g, row in zip(fit.gamma, identity[at_gamma], strict=True)]
    doses = [(exp(g), exp(g) * row) for g, row in gammas]
    scale = (1 / fit.b, -identity[at_b] / fit.b**2)
    match form:
        case Form.ABCD:
            entries = [("A", upper), ("B", slope), *_located(form, doses, samples), ("D", lower)]
        case Form.LL:
            entries = [("b", slope), ("c", lower), ("d", upper), *_located(form, doses, samples)]
        case Form.LOG10:
            tens = [(g / LN10, row / LN10) for g, row in gammas]
            entries = [("b", slope), ("c", lower), ("d", upper), *_located(form, tens, samples)]
        case Form.SSFPL:
            entries = [("A", upper), ("B", lower), *_located(form, gammas, samples), ("scal", scale)]
        case Form.SSLOGIS:
            signed = scale if fit.family.rises else (-scale[0], -scale[1])
            entries = [("Asym", upper), *_located(form, gammas, samples), ("scal", signed)]
        case Form.PHEUR:
            steep = (-slope[0], -slope[1])
            entries = [("alpha", upper), ("delta", lower), ("beta", steep), *_located(form, gammas, samples)]
    if fit.family.asymmetric:
        g = exp(fit.log_g)
        entries.append(("G" if form is Form.ABCD else "f", (g, g * identity[-1])))
    names, pairs = zip(*entries, strict=True)
    return Written(tuple(names), np.array([value for value, _ in pairs]), np.array([row for _, row in pairs]))


def _located(
    form: Form, values: list[tuple[float, Array]], samples: tuple[str, ...] | None
) -> list[tuple[str, tuple[float, Array]]]:
    if samples is None:
        return [(form.location, values[0])]
    return [(f"{form.location}.{sample}", value) for sample, value in zip(samples, values, strict=True)]
