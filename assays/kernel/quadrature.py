"""Gauss-Legendre nodes, computed once: finding them costs more than using them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache
def gauss_legendre(nodes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes in (−1, 1) and their weights, both (nodes,), read-only. Raises ValueError for less than one node.

    Source: Golub & Welsch 1969, as in NumPy.
    """
    x, weights = np.polynomial.legendre.leggauss(nodes)
    x.flags.writeable = weights.flags.writeable = False
    return x, weights
