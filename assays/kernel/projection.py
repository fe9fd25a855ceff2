"""Variable projection for the logistic family, for any number of curves at once.

Given the shape s (`logistic`), y = d + (a − d)·s is a straight line in s. That line is solved exactly at every
step and only b, μ and ln g are iterated, by damped Gauss-Newton on the projected problem. Work arrays are
(points, curves): sums over points then run along memory, and one NumPy call serves thousands of curves.
Wells at the same dose are replaced by their weighted mean, which moves the minimum not at all: Σ w(y − f)² =
W(ȳ − f)² + Σ w(y − ȳ)².

Source: Golub & Pereyra 1973; Kaufman 1975 for the shortened Jacobian; Marquardt 1963 for the damping.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assays.kernel.logistic import ZERO_DOSE, Array, Family, centre

__all__ = ["Engine", "Projection", "Start", "information", "line_on", "project", "project_globally"]

STEP_TOLERANCE = (
    1e-10  # of what is still to go, from the last two steps: relative on b, absolute on μ and ln g
)
CONVERGED = 1e-8  # what the last step may have changed
POLISH = 12  # further steps for a curve that rounding keeps above STEP_TOLERANCE
MOST_ITERATIONS = 100
FIRST_ITERATIONS = 30  # of every start of a global search
LAST_STARTS = 5  # that may go on, the lowest of those still descending
GLOBAL_ITERATIONS = 400
FIRST_DAMPING = 1e-3
LESS_DAMPING = 0.1  # after a step that was taken
MOST_DAMPING = 1e12
COMPACT = 0.25  # share of finished curves that makes it worth copying the others together
LONGEST_STEP = 2.0  # ln units that μ may move at once, and ln g
EXACT = 1e-26  # residual share of the variation below which a fit is exact to rounding
LEAST_SPREAD = 1e-16  # variance of s over the points below which the curve is lost in rounding
CHUNK = 1024  # curves whose work arrays fit into the second-level cache

GRID_SLOPES = (0.2, 0.5, 1.0, 1.7, 3.0, 6.0, 12.0)
GRID_LOCATIONS = 17
GRID_ASYMMETRIES = (-1.5, -0.5, 0.0, 0.7, 1.6)  # ln g
GRID_BEST = 6  # starts of the grid that are iterated


class Engine(StrEnum):
    """How a search is computed. The last digits differ, so the request says which, never the machine's mood."""

    NUMPY = "numpy"
    COMPILED = "compiled"


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

    def of(self, which: Any) -> "Points":
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


@dataclass(slots=True)
class _State:
    """Where the active curves are, and the straight line there."""

    b: Array
    mu: Array
    log_g: Array
    t: Array
    s: Array
    length: Array  # ln(1 + e^z), for asymmetric families; else empty
    slope: Array  # −∂s/∂z
    centred: Array
    spread: Array
    level: Array
    rise: Array
    residual: Array
    cost: Array

    def take(self, keep: NDArray) -> "_State":
        return self._each(lambda values: values[..., keep])

    def replace_where(self, ok: NDArray[np.bool_], other: "_State") -> "_State":
        pairs: Any = ((getattr(self, name), getattr(other, name)) for name in _STATE)
        return _State(*(np.where(ok, new, old) for old, new in pairs))

    def copy(self) -> "_State":
        return self._each(np.copy)

    def _each(self, function: Callable[[Array], Array]) -> "_State":
        values: Any = (getattr(self, name) for name in _STATE)
        return _State(*(function(value) for value in values))


_STATE = tuple(field.name for field in fields(_State))  # asking every time is slow


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
    iterate = _iteration(engine)
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
            fitted = iterate(family, part, _logit_start(family, part), tolerance, most_iterations)
            again = np.flatnonzero(~fitted.converged)
            if len(again):
                rest = part.of(again)
                second = iterate(family, rest, _grid_start(family, rest), tolerance, most_iterations)
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
    Projection of one curve; converged only if some start converged, else the lowest that was reached.
    """
    iterate = _iteration(engine)
    with np.errstate(all="ignore"):
        one = arrange(family, log_x, y[None, :], weights, curve)
        starts = [_logit_start(family, one), _best_of_grid(family, one)]
        if also is not None:
            starts.append(also)
        start = Start(*(np.concatenate([getattr(s, f.name) for s in starts], axis=-1) for f in fields(Start)))
        many = one.of(np.zeros(len(start.b), dtype=np.intp))
        found = iterate(family, many, start, STEP_TOLERANCE, FIRST_ITERATIONS)
        reached = np.where(np.isfinite(found.rss), found.rss, np.inf)
        pending = np.flatnonzero(~found.converged & np.isfinite(found.rss))
        pending = pending[np.argsort(reached[pending], kind="stable")][:LAST_STARTS]
        if len(pending):
            slow = iterate(
                family,
                many.of(pending),
                Start(found.b[pending], found.mu[:, pending], found.log_g[pending]),
                STEP_TOLERANCE,
                GLOBAL_ITERATIONS,
            )
            found = _join([found, slow])
    reached = np.where(np.isfinite(found.rss), found.rss, np.inf)
    choice = np.where(found.converged, reached, np.inf) if found.converged.any() else reached
    best = int(choice.argmin())
    return found[best : best + 1]


def information(
    family: Family, log_x: Array, y: Array, weights: Array | None, fit: Projection
) -> tuple[Array, Array, Array]:
    """(JᵀWJ)⁻¹ of (a, d, b, μ_1 … μ_h[, ln g]) at `fit`, (curves, p, p); Σ w(y − ȳ)² about the mean, (curves,); and the
    determinant of the correlation matrix of the projected tangents, 0 where parameters cannot be told apart.

    By blocks: with T the tangents of the iterated parameters, T = m + k·(s − s̄) + P, (PᵀWP)⁻¹ is their block, and the
    straight line's 1/Σw and 1/Σw(s − s̄)² with m and k give the rest.
    """
    size, curves = family.parameters, y.shape[0]
    inverse, constant, determinant = np.empty((curves, size, size)), np.empty(curves), np.empty(curves)
    with np.errstate(all="ignore"):
        points = arrange(family, log_x, y, weights, None)
        for first in range(0, curves, CHUNK):
            which = slice(first, min(first + CHUNK, curves))
            found, determinant[which] = _information(family, points.of(which), fit[which])
            inverse[which] = found
        constant[:] = points.constant
    return inverse, constant, determinant


def _information(family: Family, points: Points, fit: Projection) -> tuple[Array, Array]:
    state = _state(family, points, fit.b, fit.mu, fit.log_g)
    weights, total = points.weights, points.weights.sum(0)
    raw, factors = _raw_tangents(family, points, state)
    means = [
        factor * (weights * tangent).sum(0) / total for tangent, factor in zip(raw, factors, strict=True)
    ]
    weighted = weights * state.centred
    along = [factor * (weighted * t).sum(0) / state.spread for t, factor in zip(raw, factors, strict=True)]
    projected = [
        factor * tangent - m - k * state.centred
        for tangent, factor, m, k in zip(raw, factors, means, along, strict=True)
    ]
    matrix, _ = _normal(points, state, projected)
    lower = cholesky(matrix)
    determinant = np.ones(len(fit.b))
    for i, row in enumerate(lower):
        determinant = determinant * row[i] ** 2 / matrix[i][i]
    k, zero, one = len(raw), np.zeros(len(fit.b)), np.ones(len(fit.b))
    columns = [solve_lower(lower, [one if i == j else zero for i in range(k)]) for j in range(k)]
    mean_s = (weights * state.s).sum(0) / total
    up, down = 1 - mean_s, -mean_s
    at_a = [m + up * c for m, c in zip(means, along, strict=True)]
    at_d = [m + down * c for m, c in zip(means, along, strict=True)]
    by_a = [sum(columns[i][j] * at_a[j] for j in range(k)) for i in range(k)]
    by_d = [sum(columns[i][j] * at_d[j] for j in range(k)) for i in range(k)]
    found = np.empty((len(fit.b), k + 2, k + 2))
    found[:, 0, 0] = 1 / total + up**2 / state.spread + sum(p * q for p, q in zip(at_a, by_a, strict=True))
    found[:, 1, 1] = 1 / total + down**2 / state.spread + sum(p * q for p, q in zip(at_d, by_d, strict=True))
    found[:, 0, 1] = (
        1 / total + up * down / state.spread + sum(p * q for p, q in zip(at_a, by_d, strict=True))
    )
    found[:, 1, 0] = found[:, 0, 1]
    for i in range(k):
        found[:, 0, 2 + i] = found[:, 2 + i, 0] = -by_a[i]
        found[:, 1, 2 + i] = found[:, 2 + i, 1] = -by_d[i]
        for j in range(k):
            found[:, 2 + i, 2 + j] = columns[j][i]
    return found, determinant


def arrange(
    family: Family, log_x: Array, y: Array, weights: Array | None, curve: NDArray[np.intp] | None
) -> Points:
    """Points first, and wells of equal dose and curve as one weighted mean where all curves share their doses."""
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


def line_on(s: Array, y: Array, weights: Array, *, through_zero: bool = False) -> tuple[Array, ...]:
    """Weighted least-squares line of each column of `y` (points, curves) on the same column of s.

    Returns (centred s, its weighted sum of squares, level, rise, residual, cost), level 0 through zero. Where s
    hardly varies, μ being far outside the doses, there is no line and the cost is infinite.
    """
    total = weights.sum(0)
    if through_zero:
        centred, level = s, np.zeros(y.shape[1])
        weighted = weights * s
        spread = (weighted * s).sum(0)
        rise = (weighted * y).sum(0) / spread
        residual = y - rise * s
    else:
        mean_s = (weights * s).sum(0) / total
        centred = s - mean_s
        weighted = weights * centred
        spread = (weighted * centred).sum(0)
        rise = (weighted * y).sum(0) / spread
        mean_y = (weights * y).sum(0) / total
        level = mean_y - rise * mean_s
        residual = y - mean_y - rise * centred
    cost = (weights * residual * residual).sum(0)
    return centred, spread, level, rise, residual, np.where(spread > LEAST_SPREAD * total, cost, np.inf)


def _state(family: Family, points: Points, b: Array, mu: Array, log_g: Array) -> _State:
    t = points.log_x - (mu[0] if family.curves == 1 else mu[points.curve])
    z = b * t if family.sign > 0 else -b * t
    length = np.empty((0, len(b)))
    if family.asymmetric:
        z += centre(log_g)[0]
        length = np.logaddexp(0.0, z)
        g = np.exp(log_g)
        s = np.exp(-g * length)
        slope = g * s * np.exp(z - length)
    else:
        s = 1.0 / (1.0 + np.exp(z))
        slope = s * (1.0 - s)
    line = line_on(s, points.y, points.weights, through_zero=family.through_zero)
    return _State(b, mu, log_g, t, s, length, slope, *line)


def _raw_tangents(family: Family, points: Points, state: _State) -> tuple[list[Array], list[Array]]:
    """∂f/∂θ = factor × tangent for b, every μ and ln g; the factors (curves,) save passes over the points."""
    q = state.rise * state.slope  # −∂f/∂z
    raw = [q * state.t]
    factors = [np.full_like(state.b, -family.sign)]
    if family.curves == 1:
        raw.append(q)
    else:
        raw.extend(q * (points.curve == k)[:, None] for k in range(family.curves))
    factors.extend([family.sign * state.b] * family.curves)
    if family.asymmetric:
        g = np.exp(state.log_g)
        by_length = np.where(state.s > 0, state.length * state.s, 0.0)
        raw.append(-state.rise * g * by_length - centre(state.log_g)[1] * q)
        factors.append(np.ones_like(state.b))
    return raw, factors


def _tangents(family: Family, points: Points, state: _State) -> tuple[list[Array], list[Array]]:
    """The tangents projected off the straight line, and their factors."""
    weights, total = points.weights, points.weights.sum(0)
    raw, factors = _raw_tangents(family, points, state)
    weighted = weights * state.centred
    projected = []
    for tangent in raw:
        along = (weighted * tangent).sum(0) / state.spread
        if not family.through_zero:
            tangent = tangent - (weights * tangent).sum(0) / total
        projected.append(tangent - along * state.centred)
    return projected, factors


def _normal(points: Points, state: _State, tangents: list[Array]) -> tuple[list[list[Array]], list[Array]]:
    """Lower triangle of the projected normal matrix and its right-hand side, as arrays (curves,)."""
    weighted = [points.weights * tangent for tangent in tangents]
    matrix = [[(weighted[i] * tangents[j]).sum(0) for j in range(i + 1)] for i in range(len(tangents))]
    return matrix, [(w * state.residual).sum(0) for w in weighted]


def cholesky(matrix: list[list[Array]], damping: Array | float = 0.0) -> list[list[Array]]:
    """L with L Lᵀ = matrix + damping·diag(matrix), unrolled over a few rows and vectorised over curves."""
    lower: list[list[Array]] = []
    for i, row in enumerate(matrix):
        new: list[Array] = []
        for j in range(i):
            value = row[j]
            for k in range(j):
                value = value - new[k] * lower[j][k]
            new.append(value / lower[j][j])
        value = row[i] * (1.0 + damping)
        for k in range(i):
            value = value - new[k] * new[k]
        new.append(np.sqrt(value))
        lower.append(new)
    return lower


def solve_lower(lower: list[list[Array]], right: list[Array]) -> list[Array]:
    """x with L Lᵀ x = right."""
    size = len(lower)
    y: list[Array] = []
    for i in range(size):
        value = right[i]
        for k in range(i):
            value = value - lower[i][k] * y[k]
        y.append(value / lower[i][i])
    x: list[Array] = [np.empty(0)] * size
    for i in reversed(range(size)):
        value = y[i]
        for k in range(i + 1, size):
            value = value - lower[k][i] * x[k]
        x[i] = value / lower[i][i]
    return x


def _iteration(engine: Engine) -> Callable[[Family, Points, Start, float, int], Projection]:
    if Engine(engine) is Engine.NUMPY:
        return _iterate
    from assays.kernel.compiled_bundles import iterate  # here: it needs the compiler

    return iterate


def _iterate(
    family: Family, points: Points, start: Start, tolerance: float, most_iterations: int
) -> Projection:
    """Damped Gauss-Newton from `start`; curves leave the work arrays as they finish."""
    count = len(start.b)
    state = _state(family, points, start.b, start.mu, start.log_g)
    exact, within = EXACT * points.constant, points.within
    active, damping, polish = np.arange(count), np.full(count, FIRST_DAMPING), np.zeros(count, dtype=np.int64)
    last, finished = np.full(count, np.inf), np.zeros(count, dtype=bool)
    iterations = np.zeros(count, dtype=np.int64)
    converged = np.zeros(count, dtype=bool)
    ended = state.copy()
    gradient = np.full(count, np.nan)
    for iteration in range(1, most_iterations + 1):
        tangents, factors = _tangents(family, points, state)
        matrix, right = _normal(points, state, tangents)
        moves = solve_lower(cholesky(matrix, damping), right)
        moves = [move / factor for move, factor in zip(moves, factors, strict=True)]
        moves, largest = _shortened(moves, state.b)
        new = _state(
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


def _store(ended: _State, state: _State, active: NDArray, done: NDArray[np.bool_]) -> None:
    """Keep where finished curves ended; their work arrays are not needed again."""
    target = active[done]
    for name in ("b", "mu", "log_g", "level", "rise", "cost"):
        getattr(ended, name)[..., target] = getattr(state, name)[..., done]


def _logit_start(family: Family, points: Points) -> Start:
    """The weighted straight line logit(p) on ln x, p the share of the way between asymptotes just outside the
    responses. Each point counts (p(1 − p))², the inverse variance of its logit, so that the slope of the curve
    decides and not its plateaus; each curve of a bundle then gets its own μ on that slope.
    """
    y, real = points.y, points.log_x > ZERO_DOSE / 2
    used = points.weights > 0
    low = np.where(used, y, np.inf).min(0)
    high = np.where(used, y, -np.inf).max(0)
    # Some responses of weight 0 lie outside; they count nothing below.
    p = np.clip((y - low + 0.02 * (high - low)) / (1.12 * (high - low)), 0.01, 0.99)
    counts = np.where(used & real, (p * (1 - p)) ** 2, 0.0)
    x = np.where(real, points.log_x, 0.0)
    logit = np.log(p / (1 - p))
    top = np.where(real, points.log_x, -np.inf).max(0)
    bottom = np.where(real, points.log_x, np.inf).min(0)
    centred_x, centred_l = np.broadcast_to(x, y.shape).copy(), logit.copy()
    means = []
    for k in range(family.curves):
        own = np.where((points.curve == k)[:, None], counts, 0.0)
        total = own.sum(0)
        mx, ml = (own * x).sum(0) / total, (own * logit).sum(0) / total
        means.append((mx, ml))
        mine = points.curve == k
        centred_x[mine] -= mx
        centred_l[mine] -= ml
    slope = (counts * centred_x * centred_l).sum(0) / (counts * centred_x**2).sum(0)
    b = np.abs(slope)
    mu = np.stack([mx - ml / slope for mx, ml in means])
    middle = np.stack([mx for mx, _ in means])
    sound = (bottom - LONGEST_STEP <= mu).all(0) & (mu <= top + LONGEST_STEP).all(0) & (b > 0) & (b < 1e3)
    return Start(np.where(sound, b, 1.0), np.where(sound, mu, middle), np.zeros(y.shape[1]))


def _grid(family: Family, points: Points) -> Start:
    """Slopes × locations over and beyond the doses × asymmetries; one location for the whole bundle, each curve
    shifted by where its own logit line puts it."""
    real = points.log_x[points.log_x > ZERO_DOSE / 2]
    places = np.linspace(real.min() - 1.0, real.max() + 2.0, GRID_LOCATIONS)
    asymmetries = GRID_ASYMMETRIES if family.asymmetric else (0.0,)
    b, place, log_g = (v.reshape(-1) for v in np.meshgrid(GRID_SLOPES, places, asymmetries, indexing="ij"))
    offset = np.zeros(1)
    if family.curves > 1:
        own = _logit_start(family, points.of(slice(0, 1))).mu[:, 0]
        offset = own - own.mean()
    return Start(b, place[None, :] + offset[:, None], log_g)


def _best_of_grid(family: Family, one: Points) -> Start:
    """The points of the grid with the smallest cost for the one curve given."""
    grid = _grid(family, one)
    many = one.of(np.zeros(len(grid.b), dtype=np.intp))
    cost = _state(family, many, grid.b, grid.mu, grid.log_g).cost
    # A few of the very best, and the best of each slope and asymmetry, lest they all lie in one valley.
    places = np.arange(len(cost)).reshape(len(GRID_SLOPES), GRID_LOCATIONS, -1)
    best_place = cost.reshape(places.shape).argmin(1)[:, None, :]
    of_kind = np.take_along_axis(places, best_place, axis=1).reshape(-1)
    which = np.union1d(np.argsort(cost, kind="stable")[:GRID_BEST], of_kind)
    return Start(grid.b[which], grid.mu[:, which], grid.log_g[which])


def _grid_start(family: Family, points: Points) -> Start:
    """For each curve of a batch the point of the grid with the smallest cost."""
    grid, count = _grid(family, points), points.y.shape[1]
    best = np.full(count, np.inf)
    choice = np.zeros(count, dtype=np.intp)
    for index in range(len(grid.b)):
        b = np.full(count, grid.b[index])
        mu = np.repeat(grid.mu[:, index : index + 1], count, axis=1)
        cost = _state(family, points, b, mu, np.full(count, grid.log_g[index])).cost
        better = cost < best
        best = np.where(better, cost, best)
        choice = np.where(better, index, choice)
    return Start(grid.b[choice], grid.mu[:, choice], grid.log_g[choice])


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
