"""Independent assays of one potency made into one: every variant side by side, that of the method reported.

Which variant counts, and how many assays it takes, is fixed by the method before any is seen; each valid and similar
assay since the last reported potency counts. Source: Ph. Eur. 5.3, section 6; USP <1034>.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt

import numpy as np

from assays.kernel.combination import (
    Combined,
    Heterogeneity,
    Homogeneity,
    combine_heterogeneous,
    combine_unweighted,
    combine_weighted,
    compare_homogeneity,
)
from assays.kernel.missing import Missing
from assays.kernel.status import UnableToAnswer


class Combination(StrEnum):
    UNWEIGHTED = "unweighted geometric mean"
    WEIGHTED = "weighted mean"
    SEMI_WEIGHTED = "semi-weighted mean"
    DERSIMONIAN_LAIRD = "random effects, DerSimonian-Laird"
    REML = "random effects, REML"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """ln R of one independent assay with its variance and degrees of freedom. `run` 0 is the one at hand."""

    run: int
    log_ratio: float
    variance: float
    df: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    variants: dict[Combination, Combined | Missing]
    homogeneity: Homogeneity | Missing

    @property
    def is_homogeneous(self) -> bool:
        return (
            not isinstance(self.homogeneity, Missing) and self.homogeneity.chi2 <= self.homogeneity.critical
        )


def combine(assays: Sequence[Assay], *, confidence: float) -> Together:
    """ln R by every variant; homogeneity at the same level."""
    m = np.array([one.log_ratio for one in assays])
    v = np.array([one.variance for one in assays])
    freedom = float(sum(one.df for one in assays))
    attempts = {
        Combination.UNWEIGHTED: lambda: combine_unweighted(m, confidence=confidence)[0],
        Combination.WEIGHTED: lambda: combine_weighted(m, v, confidence=confidence, df=freedom),
    } | {
        Combination[method.name]: lambda method=method: combine_heterogeneous(m, v, method)
        for method in Heterogeneity
    }
    return Together(
        variants={name: _or_why(attempt) for name, attempt in attempts.items()},
        homogeneity=compare_homogeneity(m, v, confidence=confidence),
    )


def limits_of(combined: Combined) -> tuple[float, float] | Missing:
    """Of R, where the variant defines them."""
    if isinstance(combined.lower, Missing) or isinstance(combined.upper, Missing):
        return Missing(f"this variant defines none; SE of ln R {combined.se:.4g}")
    return exp(combined.lower), exp(combined.upper)


def standard_error(assay: Assay) -> float:
    return sqrt(assay.variance)


def _or_why(attempt) -> Combined | Missing:
    try:
        return attempt()
    except UnableToAnswer as refusal:
        return refusal.answer
