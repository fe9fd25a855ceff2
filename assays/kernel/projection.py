"""Variable projection for the logistic family, for any number of curves at once.

Given the shape s (`logistic`), y = d + (a − d)·s is a straight line in s. That line is solved exactly at every
step (`straight_line`) and only b, μ and ln g are iterated (`descent`), from deterministic `starts`, over wells
`arranged` by dose.

Source: Golub & Pereyra 1973; Kaufman 1975 for the shortened Jacobian; Marquardt 1963 for the damping.
"""

from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assays.kernel import descent, starts
from assays.kernel.arrangement import CHUNK, arrange
from assays.kernel.descent import STEP_TOLERANCE, Projection, Start
from assays.kernel.logistic import Array, Family
from assays.kernel.starts import Costs, best_of_grid, grid_start, logit_start

__all__ = ["Engine", "Projection", "Start", "project", "project_globally"]

MOST_ITERATIONS = 100
FIRST_ITERATIONS = 30  # of every start of a global search
LAST_STARTS = 5  # that may go on, the lowest of those still descending
GLOBAL_ITERATIONS = 400


class Engine(StrEnum):
    """How a search is computed. The last digits differ, so the request says which, never the machine's mood."""

    NUMPY = "numpy"
    COMPILED = "compiled"


def project(
    family: Family,
    log_x: Array,
    y: Array,
    weights: Array | None = None,
    *,
    curve: NDArray[np.intp] | None = None,
    start: Start | None = None,
    tolerance: float = STEP_TOLERANCE,
    most_iterations: int = MOST_ITERATIONS,
    engine: Engine = Engine.NUMPY,
) -> Projection:
    """The minimum of Σ w(y − f)² next to a deterministic start, for every row of `y` (curves, points).

    `log_x` is (points,) when all curves have the same doses, else (curves, points); −10⁶ is dose 0.
    `weights` is None, (points,) or (curves, points); a point of weight 0 is left out of its curve. `curve`
    (points,) says which of the family's h locations a point has. Without `start` the logit-log line is tried
    first and, for curves that did not converge, the best point of a grid. Nothing is raised for a curve that has
    no minimum: `converged` is False.
    """
    iterate, _, _ = _computed_by(engine)
    with np.errstate(all="ignore"):
        points = arrange(family, log_x, y, weights, curve)
        parts = []
        for first in range(0, y.shape[0], CHUNK):
            which = slice(first, min(first + CHUNK, y.shape[0]))
            part = points.of(which)
            if start is not None:
                begin = Start(start.b[which], start.mu[:, which], start.log_g[which])
                parts.append(iterate(family, part, begin, tolerance, most_iterations))
                continue
            fitted = iterate(family, part, logit_start(family, part), tolerance, most_iterations)
            again = np.flatnonzero(~fitted.converged)
            if len(again):
                rest = part.of(again)
                second = iterate(family, rest, grid_start(family, rest), tolerance, most_iterations)
                fitted = _keep_better(fitted, again, second)
            parts.append(fitted)
        return parts[0] if len(parts) == 1 else _join(parts)


def project_globally(
    family: Family,
    log_x: Array,
    y: Array,
    weights: Array,
    *,
    curve: NDArray[np.intp] | None = None,
    also: Start | None = None,
    engine: Engine = Engine.NUMPY,
) -> Projection:
    """The lowest minimum of one curve or bundle `y` (points,) that any of many starts leads to.

    The best points of a grid, the logit-log line and the starts `also` are iterated as one batch. Returns a
    Projection of the lowest minimum, if some start converged, and before it of what was reached below it, or at all, by
    a start that did not: Gauss-Newton crawls where residuals are large. Arguments as `project`, for one row; raises
    nothing.
    """
    iterate, costs, line_of = _computed_by(engine)
    with np.errstate(all="ignore"):
        one = arrange(family, log_x, y[None, :], weights, curve)
        line = line_of(family, one)
        begin = [line, best_of_grid(family, one, near=line, costs=costs)]
        if also is not None:
            begin.append(also)
        start = Start(*(np.concatenate([getattr(s, f.name) for s in begin], axis=-1) for f in fields(Start)))
        found = iterate(family, one, start, STEP_TOLERANCE, FIRST_ITERATIONS)
        reached = np.where(np.isfinite(found.rss), found.rss, np.inf)
        pending = np.flatnonzero(~found.converged & np.isfinite(found.rss))
        pending = pending[np.argsort(reached[pending], kind="stable")][:LAST_STARTS]
        if len(pending):
            slow = iterate(
                family,
                one,
                Start(found.b[pending], found.mu[:, pending], found.log_g[pending]),
                STEP_TOLERANCE,
                GLOBAL_ITERATIONS,
            )
            found = _join([found, slow])
    reached = np.where(np.isfinite(found.rss), found.rss, np.inf)
    best = np.array([reached.argmin()])
    if found.converged.any() and not found.converged[best[0]]:
        best = np.append(best, np.where(found.converged, reached, np.inf).argmin())
    return found[best]


def _computed_by(engine: Engine) -> tuple[Callable[..., Projection], Costs, Callable[..., Start]]:
    """The search, the cost at each of many starts, and the line that one begins from, as the engine computes them."""
    if Engine(engine) is Engine.NUMPY:
        return descent.iterate, starts.costs, logit_start
    from assays.kernel import compiled_bundles  # here: it needs the compiler

    return compiled_bundles.iterate, compiled_bundles.costs, compiled_bundles.logit_start


def _keep_better(first: Projection, again: NDArray, second: Projection) -> Projection:
    """`first` with the curves `again` replaced where the second start ended lower or converged."""
    better = second.converged | ~(first.rss[again] <= second.rss)
    kept = {field.name: getattr(first, field.name).copy() for field in fields(Projection)}
    for name, values in kept.items():
        values[..., again[better]] = getattr(second, name)[..., better]
    return Projection(**kept)


def _join(parts: list[Projection]) -> Projection:
    return Projection(
        *(
            np.concatenate([getattr(part, field.name) for part in parts], axis=-1)
            for field in fields(Projection)
        )
    )
