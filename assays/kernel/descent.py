"""Damped Gauss-Newton on the projected problem, for any number of curves at once.

Only b, μ and ln g are iterated; the straight line in s is solved exactly at every step. Curves leave the work
arrays as they finish. Source: Marquardt 1963 for the damping.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from assays.kernel.arrangement import Points
from assays.kernel.logistic import Array, Family
from assays.kernel.straight_line import State, cholesky, normal_equations, solve_lower, state_at, tangents_of

STEP_TOLERANCE = (
    1e-10  # of what is still to go, from the last two steps: relative on b, absolute on μ and ln g
)
CONVERGED = 1e-8  # what the last step may have changed
POLISH = 12  # further steps for a curve that rounding keeps above STEP_TOLERANCE
FIRST_DAMPING = 1e-3
LESS_DAMPING = 0.1  # after a step that was taken
MOST_DAMPING = 1e12
COMPACT = 0.25  # share of finished curves that makes it worth copying the others together
LONGEST_STEP = 2.0  # ln units that μ may move at once, and ln g
EXACT = 1e-26  # residual share of the variation below which a fit is exact to rounding


@dataclass(frozen=True, slots=True)
class Start:
    """b (curves,), μ (h, curves) and ln g (curves,) to begin from."""

    b: Array
    mu: Array
    log_g: Array


@dataclass(frozen=True, slots=True)
class Projection:
    """Fitted curves; the last axis of every array is the curve. `gradient` is the cosine between residual and
    tangents, which is zero at a minimum."""

    a: Array
    d: Array
    b: Array
    mu: Array  # (h, curves)
    log_g: Array
    rss: Array
    gradient: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]

    def __getitem__(self, which: slice | NDArray) -> "Projection":
        return Projection(*(getattr(self, field.name)[..., which] for field in fields(self)))


def iterate(
    family: Family, points: Points, start: Start, tolerance: float, most_iterations: int
) -> Projection:
    """One search per start (n,); `points` has a column for each of them, or one for all.

    Curves leave the work arrays as they finish. Nothing is raised: a search that ends nowhere is not converged.
    """
    count = len(start.b)
    points = points.repeated(count)
    state = state_at(family, points, start.b, start.mu, start.log_g)
    exact, within = EXACT * points.constant, points.within
    active, damping, polish = np.arange(count), np.full(count, FIRST_DAMPING), np.zeros(count, dtype=np.int64)
    last, finished = np.full(count, np.inf), np.zeros(count, dtype=bool)
    iterations = np.zeros(count, dtype=np.int64)
    converged = np.zeros(count, dtype=bool)
    ended = state.copy()
    gradient = np.full(count, np.nan)
    for iteration in range(1, most_iterations + 1):
        tangents, factors = tangents_of(family, points, state)
        matrix, right = normal_equations(points, state, tangents)
        moves = solve_lower(cholesky(matrix, damping), right)
        moves = [move / factor for move, factor in zip(moves, factors, strict=True)]
        moves, largest = _shortened(moves, state.b)
        new = state_at(
            family,
            points,
            state.b + moves[0],
            state.mu + np.stack(moves[1 : 1 + family.curves]),
            state.log_g + moves[-1] if family.asymmetric else state.log_g,
        )
        ok = new.cost <= state.cost * (1 + 1e-13)
        fine = ok & (largest <= CONVERGED)
        polish += fine
        ratio = np.minimum(largest / last, 0.5)
        complete = fine & ((largest * ratio <= tolerance * (1 - ratio)) | (polish > POLISH))
        complete |= state.cost <= exact
        done = complete | ~(damping * 10 <= MOST_DAMPING) & ~ok | (iteration == most_iterations)
        done &= ~finished
        if done.any():
            length = np.sqrt(state.cost + points.within)
            cosine = np.abs(right[0]) / np.sqrt(matrix[0][0])
            for i in range(1, len(right)):
                cosine = np.maximum(cosine, np.abs(right[i]) / np.sqrt(matrix[i][i]))
            gradient[active[done]] = np.where(state.cost <= exact, 0.0, cosine / length)[done]
        damping = np.where(ok, np.maximum(damping * LESS_DAMPING, 1e-15), damping * 10)
        last = np.where(ok, largest, np.inf)
        state = new if ok.all() else state.replace_where(ok, new)
        if not done.any():
            continue
        _store(ended, state, active, done)
        converged[active[done]] = complete[done]
        iterations[active[done]] = iteration
        finished |= done
        if finished.all():
            break
        if finished.mean() > COMPACT:  # the finished go on for nothing until there are many
            keep = np.flatnonzero(~finished)
            active, damping, polish, exact = active[keep], damping[keep], polish[keep], exact[keep]
            last, finished = last[keep], finished[keep]
            state, points = state.take(keep), points.of(keep)
    rss = ended.cost + within
    return Projection(
        a=ended.level + ended.rise,
        d=ended.level,
        b=ended.b,
        mu=ended.mu,
        log_g=ended.log_g,
        rss=rss,
        gradient=gradient,
        iterations=iterations,
        converged=converged & np.isfinite(rss) & np.isfinite(ended.rise),
    )


def _shortened(moves: list[Array], b: Array) -> tuple[list[Array], Array]:
    """The step, at most half of b and LONGEST_STEP of the others, and its largest relative part."""
    shorten = np.minimum(1.0, 0.5 * b / np.abs(moves[0]))
    for move in moves[1:]:
        shorten = np.minimum(shorten, LONGEST_STEP / np.abs(move))
    shorten = np.where(np.isnan(shorten), 1.0, shorten)  # 0/0 where nothing moves
    moves = [move * shorten for move in moves]
    largest = np.abs(moves[0]) / b
    for move in moves[1:]:
        largest = np.maximum(largest, np.abs(move))
    return moves, largest


def _store(ended: State, state: State, active: NDArray, done: NDArray[np.bool_]) -> None:
    """Keep where finished curves ended; their work arrays are not needed again."""
    target = active[done]
    for name in ("b", "mu", "log_g", "level", "rise", "cost"):
        getattr(ended, name)[..., target] = getattr(state, name)[..., done]
