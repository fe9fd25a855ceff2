"""Relative potency by the slope ratio: y = a + b_i·dose, one constant a for all preparations and the blank.

    R = b_T/b_S, potency = assigned·R, limits of Fieller or delta with s² of the regression or of pure error

Validity, every F against pure error: blanks (the blanks do not lie on the common constant), intersection (a constant
per preparation), non-linearity (a mean per preparation and dose).

Source: Ph. Eur. 5.3, sections 3.3 and 5.2; Finney 1978.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from assays.kernel.lines import LinearFit, Term, fit_linear, nested_terms
from assays.kernel.logistic import Array
from assays.kernel.quantiles import t_quantile
from assays.kernel.ratios import ratio_limits
from assays.kernel.status import Status, UnableToAnswer


@dataclass(frozen=True, slots=True)
class SlopeRatio:
    """`terms` by name; `pure_error` within equal preparation and dose; `regression` the residual of the model."""

    samples: tuple[str, ...]
    terms: Mapping[str, Term]
    pure_error: Term
    regression: Term
    _fit: LinearFit
    _standard: str

    @property
    def intercept(self) -> float:
        return float(self._fit.coefficients[0])

    def slope(self, sample: str) -> float:
        """b of a sample, responses per dose."""
        return float(self._fit.coefficients[self._column(sample)])

    def ratio(self, sample: str) -> float:
        """R; raises not_estimable where the standard has no slope."""
        standard = self.slope(self._standard)
        if standard == 0:
            raise UnableToAnswer(Status.NOT_ESTIMABLE, "the slope of the standard is 0")
        return self.slope(sample) / standard

    def fieller(self, sample: str, *, confidence: float, error: Term) -> tuple[float, float]:
        """Limits of R, which are those of the profile, with s² and df of `error`; raises limits_do_not_exist for a
        standard without significant slope."""
        test, standard = self._column(sample), self._column(self._standard)
        variance = error.ms
        inverse = variance * self._fit.inverse
        return ratio_limits(
            self.slope(sample),
            self.slope(self._standard),
            v11=float(inverse[test, test]),
            v22=float(inverse[standard, standard]),
            v12=float(inverse[test, standard]),
            t=t_quantile(confidence, error.df),
        )

    def delta(self, sample: str, *, confidence: float, error: Term) -> tuple[float, float]:
        """R ± t·SE with SE² = s²(v11 − 2R·v12 + R²·v22)/b_S², always finite: Fieller's limits as g goes to 0.

        Fieller's are those of the profile, exactly, since the model is linear at any given R. Errors as `ratio`, and
        too_few_values without degrees of freedom of `error`.
        """
        ratio = self.ratio(sample)
        contrast = np.zeros(len(self._fit.coefficients))
        contrast[self._column(sample)] = 1.0
        contrast[self._column(self._standard)] = -ratio
        variance = error.ms * self._fit.covariance(contrast, contrast)
        half = t_quantile(confidence, error.df) * sqrt(variance) / abs(self.slope(self._standard))
        return ratio - half, ratio + half

    def _column(self, sample: str) -> int:
        return 1 + self.samples.index(sample)


def fit_slope_ratio(samples: Sequence[str], doses: Array, y: Array, *, standard: str) -> SlopeRatio:
    """All wells (n,); rows of dose 0 are one common blank, whatever sample they name.

    Raises bad_input without standard or test sample or for a dose below zero, not_estimable for a slope that the
    design does not determine.
    """
    if (doses < 0).any():
        raise UnableToAnswer(Status.BAD_INPUT, f"the dose {doses.min():g} is below zero")
    blank = doses == 0
    names = tuple(dict.fromkeys(sample for sample, dose in zip(samples, doses, strict=True) if dose > 0))
    if standard not in names or len(names) < 2:
        raise UnableToAnswer(Status.BAD_INPUT, f"the standard {standard!r} and a test sample are needed")
    own = np.array([[sample == name for name in names] for sample in samples], dtype=float)
    own[blank] = 0.0
    keys = [
        "" if dose == 0 else f"{sample}\0{dose!r}"
        for sample, dose in zip(samples, doses.tolist(), strict=True)
    ]
    cells = np.array([[key == other for other in dict.fromkeys(keys)] for key in keys], dtype=float)
    design = np.column_stack([np.ones(len(y)), own * doses[:, None]])
    fit = fit_linear(design, y)
    if fit.rank < design.shape[1]:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "the doses do not determine constant and slopes")
    found, pure_error = nested_terms(y, [design, blank.astype(float)[:, None], own, cells])
    terms = dict(zip(("blanks", "intersection", "nonlinearity"), found[1:], strict=True))
    return SlopeRatio(
        samples=names,
        terms={name: term for name, term in terms.items() if term.df > 0},
        pure_error=pure_error,
        regression=Term(fit.rss, len(y) - fit.rank),
        _fit=fit,
        _standard=standard,
    )
