"""Quantitative PCR: the standard curve with its efficiency, copies per cell, and relative expression ΔΔCt."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

import numpy as np

from assays.kernel.status import Status, UnableToAnswer, Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class CtLine:
    """Ct = intercept + slope·log₁₀(input)."""

    intercept: float
    slope: float
    r2: float | Unanswered

    @property
    def efficiency_percent(self) -> float | Unanswered:
        """100·(10^(−1/slope) − 1): 100 if each cycle doubles."""
        if self.slope == 0:
            return Unanswered("A flat line has no efficiency.", Status.NOT_EVALUABLE)
        with np.errstate(over="ignore"):
            return float(100 * (np.float64(10) ** (-1 / self.slope) - 1))

    def input_at(self, ct: float) -> float | Unanswered:
        """10^((Ct − intercept)/slope), in the unit of the inputs."""
        if self.slope == 0:
            return Unanswered("A flat line tells no input.", Status.NO_SOLUTION)
        return float(10 ** ((ct - self.intercept) / self.slope))


def fit_ct(inputs: Sequence[float], cts: Sequence[float]) -> CtLine:
    """Least squares of `cts` on log₁₀ of `inputs` (reactions,), inputs above zero.

    r² is the squared correlation, not_evaluable if all Ct are equal. UnableToAnswer: bad_input,
    too_few_values, not_estimable if all inputs are equal. Source: MIQE, Bustin et al. 2009.
    """
    if not all(value > 0 for value in inputs):
        raise UnableToAnswer(Status.BAD_INPUT, "Every input must be above zero.")
    if len(inputs) < 2:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A line needs two reactions.")
    x, y = np.log10(inputs), np.asarray(cts, dtype=float)
    dx, dy = x - x.mean(), y - y.mean()
    sxx, syy, sxy = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    if sxx == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "All inputs are equal.")
    slope = sxy / sxx
    r2 = sxy**2 / (sxx * syy) if syy > 0 else Unanswered("All Ct are equal.", Status.NOT_EVALUABLE)
    return CtLine(intercept=float(y.mean() - slope * x.mean()), slope=slope, r2=r2)


def copies_per_cell(*, transgene: float, reference: float, reference_copies_per_cell: int = 2) -> float:
    """Vector copy number: copies of the transgene per diploid genome, 2·transgene/albumin by default.

    Both as copies in one reaction. UnableToAnswer: not_evaluable for transgene copies below zero or no reference.
    Source: FDA guidance on vector copy number by qPCR, copies per cell against a gene of known copies.
    """
    if transgene < 0 or reference <= 0:
        raise UnableToAnswer(Status.NOT_EVALUABLE, "Copies per cell need reference copies above zero.")
    return reference_copies_per_cell * transgene / reference


@dataclass(frozen=True, slots=True)
class DeltaCt:
    """Mean Ct of the target less that of the reference, with its SD in cycles."""

    value: float
    sd: float | Unanswered


def delta_ct(target: Sequence[float], reference: Sequence[float], *, same_tube: bool) -> DeltaCt:
    """ΔCt = mean target − mean reference.

    SD: of the differences if both were read in the same tube (pairs), else √(s²_target + s²_reference);
    In cycles; both (readings,). The SD of single readings is unanswered, too_few_values. Raises too_few_values without
    readings, ValueError for pairs that do not match. Source: Livak & Schmittgen 2001.
    """
    if not target or not reference:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A group needs readings of target and reference.")
    value = fmean(target) - fmean(reference)
    if min(len(target), len(reference)) < 2:
        return DeltaCt(value, Unanswered("A single reading has no spread.", Status.TOO_FEW_VALUES))
    if same_tube:
        return DeltaCt(value, stdev([t - r for t, r in zip(target, reference, strict=True)]))
    return DeltaCt(value, sqrt(stdev(target) ** 2 + stdev(reference) ** 2))


def delta_ct_of_genes(
    target: Sequence[float], references: Sequence[Sequence[float]], *, same_tube: bool
) -> DeltaCt:
    """ΔCt against one or several reference genes: their mean Ct, that is the geometric mean of their quantities.

    In one tube reaction by reaction (all sequences alike in length), as `delta_ct`; else the SD is
    √(s²_target + Σs²_reference/genes²). too_few_values for single readings. Source: Vandesompele et al. 2002.
    """
    if not references or not target or not all(references):
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "A group needs readings of target and reference.")
    if same_tube:
        together = [fmean(reaction) for reaction in zip(*references, strict=True)]
        return delta_ct(target, together, same_tube=True)
    value = fmean(target) - fmean([fmean(own) for own in references])
    if min(len(own) for own in (target, *references)) < 2:
        return DeltaCt(value, Unanswered("A single reading has no spread.", Status.TOO_FEW_VALUES))
    of_references = sum(stdev(own) ** 2 for own in references) / len(references) ** 2
    return DeltaCt(value, sqrt(stdev(target) ** 2 + of_references))


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldChange:
    """ΔΔCt in cycles; fold = efficiency^(−ΔΔCt), with ΔΔCt ± SD of this sample's ΔCt."""

    ddct: float
    fold: float
    lower: float | Unanswered
    upper: float | Unanswered


def fold_change(sample: DeltaCt, calibrator: DeltaCt, *, efficiency: float) -> FoldChange:
    """Expression relative to the calibrator; `efficiency` is the factor of one cycle, 2 if it doubles.

    ΔΔCt = ΔCt − ΔCt of the calibrator, whose own spread is left out, as in the source: Livak & Schmittgen 2001. Raises
    nothing; limits are unanswered where the SD is.
    """
    ddct = sample.value - calibrator.value

    def fold(exponent: float) -> float:
        with np.errstate(over="ignore"):
            return float(np.float64(efficiency) ** -exponent)

    sd = sample.sd
    return FoldChange(
        ddct=ddct,
        fold=fold(ddct),
        lower=sd if isinstance(sd, Unanswered) else fold(ddct + sd),
        upper=sd if isinstance(sd, Unanswered) else fold(ddct - sd),
    )
