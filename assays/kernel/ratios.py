"""Ratios of estimates, with the refusal raised where their limits do not exist."""

from assays.kernel.fieller import fieller_limits
from assays.kernel.status import UnableToAnswer, Unanswered


def ratio_limits(a: float, b: float, *, v11: float, v22: float, v12: float, t: float) -> tuple[float, float]:
    """Fieller's limits of a/b (`fieller`); raises limits_do_not_exist where b does not differ from 0."""
    limits = fieller_limits(a, b, v11=v11, v22=v22, v12=v12, quantile=t)
    if isinstance(limits, Unanswered):
        raise UnableToAnswer(limits.status, limits.reason)
    return limits
