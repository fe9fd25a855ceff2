"""Quantal dose-response: how many of n respond, by binomial maximum likelihood with parallel lines.

    η = a_i + b·ln(dose)        p = the link's inverse of η

Source: Finney, Probit Analysis; Ph. Eur. 5.3, chapter 3 (probit, logit, gompit, angle).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, log_ndtr

from assays.kernel.fieller import Limits, fieller_limits
from assays.kernel.status import Status, UnableToAnswer, Unanswered

Array = NDArray[np.float64]

MOST_ITERATIONS = 1000
CONVERGED = 1e-22  # squared length of the next step, in standard errors
SHORTEST = 2.0**-40  # of a step, before the likelihood must have risen
LARGEST_CONDITION = 1e12


class Link(StrEnum):
    """Which curve joins η and the share of responders p."""

    PROBIT = "probit"  # p = Φ(η)
    LOGIT = "logit"  # p = 1/(1 + e^−η)
    GOMPIT = "gompit"  # p = 1 − exp(−e^η)
    ANGLE = "angle"  # p = ½ sin η + ½, 0 below −π/2 and 1 above π/2


@dataclass(frozen=True, slots=True)
class _Tails:
    """Of each row, stable in both tails: ln p, ln(1 − p), p′/p, p′/(1 − p) and p."""

    log_p: Array
    log_q: Array
    rise: Array
    fall: Array
    p: Array

    def log_likelihood(self, n: Array, responders: Array) -> float:
        """Without the binomial coefficients; −inf where a row is impossible."""
        return float((_times(responders, self.log_p) + _times(n - responders, self.log_q)).sum())

    def score(self, n: Array, responders: Array) -> Array:
        return _times(responders, self.rise) - _times(n - responders, self.fall)

    @property
    def information(self) -> Array:
        """p′²/(p(1 − p)) of one subject; 0 in a row that carries no information."""
        product = self.rise * self.fall
        return np.where(np.isfinite(product), product, 0.0)


def _times(count: Array, value: Array) -> Array:
    """count × value with 0 × ±∞ = 0."""
    return np.where(count == 0, 0.0, count * np.where(count == 0, 0.0, value))


def _tails(link: Link, eta: Array) -> _Tails:
    match link:
        case Link.PROBIT:
            log_p, log_q = log_ndtr(eta), log_ndtr(-eta)
            log_density = -(eta**2) / 2 - np.log(2 * pi) / 2
            return _Tails(
                log_p, log_q, np.exp(log_density - log_p), np.exp(log_density - log_q), np.exp(log_p)
            )
        case Link.LOGIT:
            return _Tails(log_expit(eta), log_expit(-eta), expit(-eta), expit(eta), expit(eta))
        case Link.GOMPIT:
            u = np.exp(eta)
            return _Tails(np.log(-np.expm1(-u)), -u, u / np.expm1(u), u, -np.expm1(-u))
        case Link.ANGLE:
            half = np.clip(pi / 4 + eta / 2, 0.0, pi / 2)
            sine, cosine = np.sin(half), np.where(half == pi / 2, 0.0, np.cos(half))
            return _Tails(2 * np.log(sine), 2 * np.log(cosine), cosine / sine, sine / cosine, sine**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantalFit:
    """Parallel lines on the scale of the link. `covariance` is that of (intercepts…, slope): the inverse
    expected information, dispersion 1. Logarithms are natural, doses in the unit given."""

    intercepts: dict[str, float]
    slope: float
    covariance: Array
    chi2: float  # Σ (r − np)²/(np(1 − p)), Pearson
    df: int  # rows − intercepts − 1
    log_likelihood: float  # without the binomial coefficients

    def log_potency(self, test: str, standard: str) -> float | Unanswered:
        """M = (a_T − a_S)/b, the natural logarithm of the relative potency."""
        return self._per_slope(self.intercepts[test] - self.intercepts[standard])

    def log_potency_limits(self, test: str, standard: str, *, quantile: float) -> Limits:
        """Fieller limits of M."""
        contrast = np.zeros(len(self.intercepts))
        names = list(self.intercepts)
        contrast[names.index(test)] += 1
        contrast[names.index(standard)] -= 1
        return self._limits(contrast, quantile)

    def log_potency_delta(self, test: str, standard: str, *, quantile: float) -> Limits:
        """M ± quantile·SE with SE² = (v11 − 2M·v12 + M²·v22)/b², by the delta method."""
        m = self.log_potency(test, standard)
        if isinstance(m, Unanswered):
            return m
        names = list(self.intercepts)
        contrast = np.zeros(len(names) + 1)
        contrast[names.index(test)] += 1
        contrast[names.index(standard)] -= 1
        contrast[-1] = -m
        half = quantile * float(contrast @ self.covariance @ contrast) ** 0.5 / abs(self.slope)
        return m - half, m + half

    def log_ed50(self, sample: str) -> float | Unanswered:
        """−a/b, the natural logarithm of the dose at which η = 0; the median dose unless gompit."""
        return self._per_slope(-self.intercepts[sample])

    def log_ed50_limits(self, sample: str, *, quantile: float) -> Limits:
        """Fieller limits of −a/b."""
        contrast = -1.0 * np.array([name == sample for name in self.intercepts])
        return self._limits(contrast, quantile)

    def _per_slope(self, difference: float) -> float | Unanswered:
        if self.slope == 0:
            return Unanswered("The lines are flat.", Status.NOT_ESTIMABLE)
        return difference / self.slope

    def _limits(self, contrast: Array, quantile: float) -> Limits:
        """Of (contrast · intercepts)/slope."""
        among, across = self.covariance[:-1, :-1], self.covariance[:-1, -1]
        return fieller_limits(
            float(contrast @ np.array(list(self.intercepts.values()))),
            self.slope,
            v11=float(contrast @ among @ contrast),
            v22=float(self.covariance[-1, -1]),
            v12=float(contrast @ across),
            quantile=quantile,
        )


def fit_quantal(
    samples: Sequence[str], log_doses: Array, n: Array, responders: Array, *, link: Link
) -> QuantalFit:
    """Maximum likelihood of η = a_i + b·ln(dose), one intercept for each sample name, one slope.

    `samples`, `log_doses` (natural), `n` ≥ 1 and `responders` ≤ n have one entry per row (rows,). Fisher
    scoring from b = 0; the likelihood is concave under each of the four links and rises with every step, so
    that its maximum is the only one. UnableToAnswer: not_estimable if a sample has no finite estimate
    (all or none respond, or a dose separates those that do), bad_input for impossible counts,
    not_converged if 1000 steps do not end within 1e-11 standard errors.
    """
    if (n < 1).any() or (responders < 0).any() or (responders > n).any():
        raise UnableToAnswer(Status.BAD_INPUT, "Each row needs n of at least 1 and responders from 0 to n.")
    names = list(dict.fromkeys(samples))
    member = np.array([[sample == name for name in names] for sample in samples], dtype=float)
    _refuse_separation(member, log_doses, n, responders, names)
    centre, scale = float(log_doses.mean()), float(np.ptp(log_doses))
    design = np.column_stack([member, (log_doses - centre) / scale])
    with np.errstate(all="ignore"):
        theta, information, tails = _maximise(design, n, responders, link)
    back = np.eye(len(theta))
    back[:-1, -1] = -centre / scale
    back[-1, -1] = 1 / scale
    covariance = back @ _inverse(information) @ back.T
    theta = back @ theta
    return QuantalFit(
        intercepts=dict(zip(names, map(float, theta[:-1]), strict=True)),
        slope=float(theta[-1]),
        covariance=covariance,
        chi2=_pearson(tails.p, n, responders),
        df=len(n) - len(names) - 1,
        log_likelihood=tails.log_likelihood(n, responders),
    )


def _maximise(design: Array, n: Array, responders: Array, link: Link) -> tuple[Array, Array, _Tails]:
    """θ at the maximum, the expected information there and the tails of each row."""
    theta = np.append(_pooled(design, n, responders, link), 0.0)
    tails = _tails(link, design @ theta)
    height = tails.log_likelihood(n, responders)
    for _ in range(MOST_ITERATIONS):
        information = design.T @ ((n * tails.information)[:, None] * design)
        score = design.T @ tails.score(n, responders)
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        if score @ step <= CONVERGED:
            return theta, information, tails
        length = 1.0
        while True:
            there = _tails(link, design @ (theta + length * step))
            reached = there.log_likelihood(n, responders)
            if reached >= height - 1e-14 * abs(height) or length < SHORTEST:
                break
            length /= 2
        theta, tails, height = theta + length * step, there, reached
    raise UnableToAnswer(
        Status.NOT_CONVERGED, f"The likelihood still rises after {MOST_ITERATIONS} iterations."
    )


def _pooled(design: Array, n: Array, responders: Array, link: Link) -> Array:
    """η of the pooled share of responders of each sample; never 0 or 1 after the check on separation."""
    member = design[:, :-1]
    share = (member.T @ responders) / (member.T @ n)
    match link:
        case Link.GOMPIT:
            return np.log(-np.log1p(-share))
        case Link.ANGLE:
            return np.arcsin(2 * share - 1)
    return np.log(share / (1 - share))


def _refuse_separation(
    member: Array, log_doses: Array, n: Array, responders: Array, names: list[str]
) -> None:
    """The likelihood has no finite maximum: it rises for ever with an intercept or with the slope."""
    upward, downward = [], []
    for name, column in zip(names, member.T.astype(bool), strict=True):
        dose, some, not_all = log_doses[column], responders[column] > 0, responders[column] < n[column]
        if not some.any() or not not_all.any():
            all_or_none = "none" if not some.any() else "all"
            raise UnableToAnswer(Status.NOT_ESTIMABLE, f"Of {name}, {all_or_none} responded at every dose.")
        upward.append(dose[not_all].max() <= dose[some].min())
        downward.append(dose[some].max() <= dose[not_all].min())
    if all(upward) or all(downward):
        raise UnableToAnswer(
            Status.NOT_ESTIMABLE,
            "No dose has a mixed response beside another dose: the slope has no finite estimate.",
        )


def _inverse(information: Array) -> Array:
    length = np.sqrt(np.diag(information))
    if not (length > 0).all() or np.linalg.cond(information / np.outer(length, length)) > LARGEST_CONDITION:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "The information matrix is singular.")
    return np.linalg.inv(information / np.outer(length, length)) / np.outer(length, length)


def _pearson(p: Array, n: Array, responders: Array) -> float:
    """Rows with p = 0 or 1 have no variance, and no deviation either."""
    variance = n * p * (1 - p)
    deviation = (responders - n * p) ** 2
    return float(np.divide(deviation, variance, out=np.zeros_like(variance), where=variance > 0).sum())
