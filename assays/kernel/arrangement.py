"""What a search is fitted to: points first, curves last, and the wells of one dose as one point.

Wells at the same dose are replaced by their weighted mean, which moves the minimum not at all: Σ w(y − f)² =
W(ȳ − f)² + Σ w(y − ȳ)². With the curves last, sums over points run along memory and one NumPy call serves
thousands of curves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.logistic import Array, Family

CHUNK = 1024  # curves whose work arrays fit into the second-level cache


@dataclass(frozen=True, slots=True)
class Points:
    """What a batch is fitted to: log doses (m, 1) or (m, n), responses (m, n), weights (m, 1) or (m, n), the
    curve of each point (m,) and Σ w(y − ȳ)² of the wells behind each mean, (n,)."""

    log_x: Array
    y: Array
    weights: Array
    curve: NDArray[np.intp]
    within: Array
    constant: Array  # Σ w(y − ȳ)² about the one mean of all, (n,), what a constant would leave

    def repeated(self, count: int) -> "Points":
        """One column for each of `count` searches, where there is one for all."""
        return self if self.y.shape[1] == count else self.of(np.zeros(count, dtype=np.intp))

    def of(self, which: Any) -> "Points":
        """Of the curves `which`, a slice or indices."""

        def cut(values: Array) -> Array:
            return values if values.shape[-1] == 1 else values[:, which]

        return Points(
            cut(self.log_x),
            self.y[:, which],
            cut(self.weights),
            self.curve,
            self.within[which],
            self.constant[which],
        )


def arrange(
    family: Family, log_x: Array, y: Array, weights: Array | None, curve: NDArray[np.intp] | None
) -> Points:
    """Points first, and wells of equal dose and curve as one weighted mean where all curves share their doses.

    `log_x` is (points,) or (curves, points), `y` (curves, points), `weights` None, (points,) or (curves, points), and
    `curve` (points,) the location of each point; units as given. Raises nothing. Source: Draper & Smith, section 2.1,
    for the sum of squares within a dose.
    """
    curves, count = y.shape
    own = np.zeros(count, dtype=np.intp) if curve is None else curve
    if log_x.ndim == 2:
        w = np.broadcast_to(1.0 if weights is None else weights, y.shape).T
        total = w.sum(0)
        about = (w * (y.T - (w * y.T).sum(0) / total) ** 2).sum(0)
        return Points(
            np.ascontiguousarray(log_x.T), np.ascontiguousarray(y.T), w.copy(), own, np.zeros(curves), about
        )
    distinct, place = np.unique(log_x, return_inverse=True)
    if family.curves == 1:
        levels, level_of, of_level = distinct, place, np.zeros(len(distinct), dtype=np.intp)
    else:
        cells, level_of = np.unique(own * len(distinct) + place, return_inverse=True)
        levels, of_level = distinct[cells % len(distinct)], cells // len(distinct)
    size = len(levels)
    w = (np.ones(count) if weights is None else weights).T.reshape(count, -1)
    columns = y.T
    total_w, total_y = _sums(w, level_of, size), _sums(w * columns, level_of, size)
    mean = total_y / np.where(total_w > 0, total_w, 1.0)
    squares = (w * (columns - mean[level_of]) ** 2).sum(0)
    middle = total_y.sum(0) / total_w.sum(0)
    constant = squares + (total_w * (mean - middle) ** 2).sum(0)
    return Points(levels[:, None], mean, total_w, of_level, squares, constant)


def _sums(values: Array, level_of: NDArray[np.intp], size: int) -> Array:
    """Rows of `values` (points, k) summed by level, in the order of the points: no bit depends on k."""
    if values.shape[1] == 1:
        return np.bincount(level_of, weights=values[:, 0], minlength=size).astype(float)[:, None]
    total = np.zeros((size, values.shape[1]))
    for point, level in enumerate(level_of):
        total[level] += values[point]
    return total
