"""The straight line in s of `straight_line`, for one curve or bundle, as machine code."""

import numpy as np

from assays.kernel.machine_code import compiled


@compiled
def line_in_shares(y, w, s, total, mean, through_zero, least_spread, r):
    """s̄, Σw(s − s̄)², a − d and Σw·r² of the weighted line of y on the shares s, all (m,); writes the residuals r.

    `total` is Σw and `mean` ȳ; through zero `mean` is 0, and so is s̄. Where s hardly varies there is no line and Σw·r²
    is infinite. Raises nothing. Source: `straight_line`.
    """
    ms = 0.0
    if not through_zero:
        for j in range(len(y)):
            ms += w[j] * s[j]
        ms /= total
    spread = sy = 0.0
    for j in range(len(y)):
        v = w[j] * (s[j] - ms)
        spread += v * (s[j] - ms)
        sy += v * y[j]
    rise = sy / spread
    cost = 0.0
    for j in range(len(y)):
        r[j] = y[j] - mean - rise * (s[j] - ms)
        cost += w[j] * r[j] * r[j]
    if not spread > least_spread * total:
        cost = np.inf
    return ms, spread, rise, cost
