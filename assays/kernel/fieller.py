"""Confidence limits of a ratio of two estimates."""

from math import inf, sqrt

from assays.kernel.status import Status, Unanswered

Limits = tuple[float, float] | Unanswered


def fieller_limits(a: float, b: float, *, v11: float, v22: float, v12: float, quantile: float) -> Limits:
    """Limits of m = a/b, ascending: the two roots of

        (b² − t²·v22)·m² − 2·(ab − t²·v12)·m + (a² − t²·v11) = 0

    with v11, v22 the variances of a and b, v12 their covariance, t the `quantile`. Unanswered with
    limits_do_not_exist if b² − t²·v22 ≤ 0 (b is not significant: g ≥ 1) or the roots are not real.
    Source: Fieller 1954; Finney, Statistical Method in Biological Assay; Ph. Eur. 5.3.
    """
    t2 = quantile**2
    leading, half, last = b**2 - t2 * v22, a * b - t2 * v12, a**2 - t2 * v11
    if not leading > 0:
        g = t2 * v22 / b**2 if b**2 > 0 else inf
        return Unanswered(
            f"The denominator is not significant (g = {g:.3g}, below 1 is needed).",
            Status.LIMITS_DO_NOT_EXIST,
        )
    discriminant = half**2 - leading * last
    if not discriminant >= 0:
        return Unanswered("The limits are not real numbers.", Status.LIMITS_DO_NOT_EXIST)
    far = half + sqrt(discriminant) if half >= 0 else half - sqrt(discriminant)
    roots = (far / leading, last / far if far else 0.0)  # no difference of like numbers
    return min(roots), max(roots)
