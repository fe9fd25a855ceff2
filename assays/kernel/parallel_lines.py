"""Relative potency by parallel lines: y = a_i + b·ln(dose) + blocks, one slope for all preparations.

    M = (a_T − a_S)/b, potency = assigned·exp(M), Fieller's limits with s² and df of the full treatment model

Sums of squares are those of nested models, blocks always in: preparations, common slope (regression), a slope per
preparation (non-parallelism), a mean per preparation and dose (non-linearity), residual. s² is pure error, not the
residual of the regression. In the twin cross-over the error is that of subject + period + preparation + b·ln(dose)
and the product of the three contrasts of period, preparation and dose level, within subjects.

Source: Ph. Eur. 5.3, sections 3.2 and 5.1; Finney 1978.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from assays.kernel.lines import LinearFit, Term, fit_line, fit_linear, nested_terms
from assays.kernel.logistic import Array
from assays.kernel.parallel_curves import pool_within
from assays.kernel.quantiles import require_freedom, t_quantile
from assays.kernel.ratios import ratio_limits
from assays.kernel.status import Status, UnableToAnswer


@dataclass(frozen=True, slots=True)
class ParallelLines:
    """`terms` by name in their order, `residual` the error every F is tested against."""

    terms: Mapping[str, Term]
    residual: Term
    slope: float
    samples: tuple[str, ...]
    _fit: LinearFit
    _standard: str

    def log_potency(self, sample: str) -> float:
        """M = (a_T − a_S)/b."""
        return self._fit.estimate(self._difference(sample)) / self.slope

    def potency(self, sample: str, *, assigned: float = 1.0) -> float:
        """assigned·exp(M); raises limits_do_not_exist beyond every number."""
        return assigned * _exp(self.log_potency(sample))

    def fieller(self, sample: str, *, confidence: float, assigned: float = 1.0) -> tuple[float, float]:
        """Limits of the potency; raises limits_do_not_exist where the slope is not significant."""
        difference, slope, variance = self._difference(sample), self._slope_contrast(), self.residual.ms
        low, high = ratio_limits(
            self._fit.estimate(difference),
            self.slope,
            v11=variance * self._fit.covariance(difference, difference),
            v22=variance * self._fit.covariance(slope, slope),
            v12=variance * self._fit.covariance(difference, slope),
            t=t_quantile(confidence, self.residual.df),
        )
        return assigned * _exp(low), assigned * _exp(high)

    def delta(self, sample: str, *, confidence: float, assigned: float = 1.0) -> tuple[float, float]:
        """exp(M ± t·SE) with SE² = s²(v11 − 2M·v12 + M²·v22)/b², always finite: Fieller's limits as g goes to 0.

        Fieller's are those of the profile, exactly, since the model is linear at any given M.
        """
        m, contrast = self.log_potency(sample), self._difference(sample)
        contrast = contrast - m * self._slope_contrast()
        half = (
            t_quantile(confidence, self.residual.df)
            * sqrt(self.residual.ms * self._fit.covariance(contrast, contrast))
            / abs(self.slope)
        )
        return assigned * _exp(m - half), assigned * _exp(m + half)

    def _difference(self, sample: str) -> Array:
        contrast = np.zeros(len(self._fit.coefficients))
        contrast[self.samples.index(sample)] = 1.0
        contrast[self.samples.index(self._standard)] -= 1.0
        return contrast

    def _slope_contrast(self) -> Array:
        contrast = np.zeros(len(self._fit.coefficients))
        contrast[len(self.samples)] = 1.0
        return contrast


def _exp(value: float) -> float:
    try:
        return exp(value)
    except OverflowError:
        raise UnableToAnswer(Status.LIMITS_DO_NOT_EXIST, "the potency is beyond every number") from None


def fit_parallel_lines(
    samples: Sequence[str],
    doses: Array,
    y: Array,
    *,
    standard: str,
    blocks: Sequence[Sequence[str]] = (),
) -> ParallelLines:
    """All wells (n,) with the sample, dose and response of each; `blocks` are columns (n,) of additive blocks.

    Raises bad_input without the standard, without a test sample or for a dose that has no logarithm,
    not_estimable where the design does not separate preparations from blocks or has one dose only.
    """
    names, own, log_x = _prepare(samples, doses, standard)
    block = _dummies_of(blocks, len(y))
    cells = _dummies([f"{sample}\0{dose!r}" for sample, dose in zip(samples, doses.tolist(), strict=True)])
    (constant, of_blocks, *terms), residual = nested_terms(
        y, [np.ones((len(y), 1)), block, own, log_x[:, None], own * log_x[:, None], cells]
    )
    labels = ("preparations", "regression", "nonparallelism", "nonlinearity")
    named = dict(zip(labels, terms, strict=True))
    named["treatments"] = Term(sum(term.ss for term in terms), sum(term.df for term in terms))
    if blocks:
        named["blocks"] = of_blocks
    about = y - y.mean()
    named["total"] = Term(float(about @ about), len(y) - constant.df)
    if named["nonlinearity"].df == 0:
        del named["nonlinearity"]
    return _assemble(names, own, log_x, block, y, named, residual, standard)


def fit_twin_crossover(
    samples: Sequence[str],
    doses: Array,
    y: Array,
    *,
    standard: str,
    subjects: Sequence[str],
    periods: Sequence[str],
) -> ParallelLines:
    """The twin cross-over: two preparations at two dose levels each, two periods.

    Error: subject + period + preparation + b·ln(dose) and one column more, the product of the contrasts ±½ of
    period, preparation and dose level. Raises bad_input for another layout.
    """
    names, own, log_x = _prepare(samples, doses, standard)
    if len(names) != 2 or len(set(periods)) != 2:
        raise UnableToAnswer(Status.BAD_INPUT, "a twin cross-over has two preparations and two periods")
    level = np.zeros(len(y))
    for name in names:
        mine = np.array([sample == name for sample in samples])
        own_doses = np.unique(doses[mine])
        if len(own_doses) != 2:
            raise UnableToAnswer(
                Status.BAD_INPUT, f"{name} has {len(own_doses)} doses; a twin cross-over has two"
            )
        level[mine] = np.where(doses[mine] == own_doses[1], 0.5, -0.5)
    later = sorted(set(periods))[1]
    contrast = (
        np.array([0.5 if period == later else -0.5 for period in periods])
        * np.array([0.5 if sample == names[1] else -0.5 for sample in samples])
        * level
    )
    block = _dummies_of([subjects, periods], len(y))
    _, residual = nested_terms(y, [np.ones((len(y), 1)), block, own, log_x[:, None], contrast[:, None]])
    return _assemble(names, own, log_x, block, y, {}, residual, standard)


def _prepare(samples: Sequence[str], doses: Array, standard: str) -> tuple[tuple[str, ...], Array, Array]:
    names = tuple(dict.fromkeys(samples))
    if standard not in names or len(names) < 2:
        raise UnableToAnswer(Status.BAD_INPUT, f"the standard {standard!r} and a test sample are needed")
    if not (doses > 0).all():
        raise UnableToAnswer(Status.BAD_INPUT, f"the dose {doses.min():g} has no logarithm")
    own = np.array([[sample == name for name in names] for sample in samples], dtype=float)
    return names, own, np.log(doses)


def _assemble(
    names: tuple[str, ...],
    own: Array,
    log_x: Array,
    block: Array,
    y: Array,
    terms: Mapping[str, Term],
    residual: Term,
    standard: str,
) -> ParallelLines:
    fit = fit_linear(np.column_stack([own, log_x, block]), y)
    contrast = np.zeros(len(fit.coefficients))
    contrast[len(names)] = 1.0
    slope = fit.estimate(contrast)
    if slope == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "the common slope is 0")
    return ParallelLines(terms, residual, slope, names, fit, standard)


def _dummies(labels: Sequence[str]) -> Array:
    distinct = {label: column for column, label in enumerate(dict.fromkeys(labels))}
    matrix = np.zeros((len(labels), len(distinct)))
    matrix[np.arange(len(labels)), [distinct[label] for label in labels]] = 1.0
    return matrix


def _dummies_of(columns: Sequence[Sequence[str]], rows: int) -> Array:
    return np.hstack([np.empty((rows, 0)), *(_dummies(column) for column in columns)])


def slope_ratio_of_lines(
    samples: Sequence[str], doses: Array, y: Array, *, standard: str, test: str, confidence: float
) -> tuple[float, tuple[float, float]]:
    """b_T/b_S of a line of its own for each, and Fieller's limits with s² and df of pure error, as the potency has.

    For similarity by equivalence. Raises too_few_values without replicates, limits_do_not_exist where the slope of
    the standard is not significant. Source: USP <1032>.
    """
    lines = {}
    for name in (standard, test):
        own = np.array([sample == name for sample in samples])
        lines[name] = fit_line(np.log(doses[own]), y[own])
    ss, df = pool_within(samples, doses, y)
    require_freedom(df)
    first, other = lines[test], lines[standard]
    limits = ratio_limits(
        first.slope,
        other.slope,
        v11=ss / df / first.sxx,
        v22=ss / df / other.sxx,
        v12=0.0,
        t=t_quantile(confidence, df),
    )
    return first.slope / other.slope, limits
