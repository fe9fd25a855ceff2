"""Tails and quantiles of t, F and χ² from scipy.special; scipy.stats takes seconds to load."""

from scipy.special import chdtrc, fdtrc, fdtri, stdtrit

from assays.kernel.status import Status, UnableToAnswer


def t_quantile(confidence: float, freedom: float) -> float:
    """t with P(−t < T < t) = `confidence`; raises too_few_values without degrees of freedom."""
    require_freedom(freedom)
    return float(stdtrit(freedom, (1 + confidence) / 2))


def f_tail(f: float, df1: float, df2: float) -> float:
    """P(F(df1, df2) > f). Raises nothing."""
    return float(fdtrc(df1, df2, f))


def f_quantile(probability: float, df1: float, df2: float) -> float:
    """f with P(F(df1, df2) ≤ f) = `probability`. Raises nothing."""
    return float(fdtri(df1, df2, probability))


def chi2_tail(chi2: float, freedom: float) -> float:
    """P(χ²(freedom) > chi2). Raises nothing."""
    return float(chdtrc(freedom, chi2))


def require_freedom(freedom: float) -> None:
    """Raises too_few_values where no residual degrees of freedom are left."""
    if freedom <= 0:
        raise UnableToAnswer(Status.TOO_FEW_VALUES, "no residual degrees of freedom are left")
