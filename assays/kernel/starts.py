"""Where a search begins: the logit-log line, or the best points of a grid. Every start is deterministic."""

from collections.abc import Callable

import numpy as np

from assays.kernel.arrangement import Points
from assays.kernel.descent import LONGEST_STEP, Start
from assays.kernel.logistic import ZERO_DOSE, Array, Family
from assays.kernel.straight_line import state_at

GRID_SLOPES = (0.2, 0.5, 1.0, 1.7, 3.0, 6.0, 12.0)
GRID_LOCATIONS = 17
GRID_ASYMMETRIES = (-1.5, -0.5, 0.0, 0.7, 1.6)  # ln g
GRID_BEST = 6  # starts of the grid that are iterated

Costs = Callable[[Family, Points, Start], Array]


def logit_start(family: Family, points: Points) -> Start:
    """The weighted straight line logit(p) on ln x, p the share of the way between asymptotes just outside the
    responses. Each point counts (p(1 − p))², the inverse variance of its logit, so that the slope of the curve
    decides and not its plateaus; each curve of a bundle then gets its own μ on that slope. Where the line leads outside
    the doses, b = 1 in their middle. Raises nothing. Source: Ashton 1972 for the weights of a logit.
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


def _grid(family: Family, points: Points, near: Start) -> Start:
    """Slopes × locations over and beyond the doses × asymmetries; one location for the whole bundle, each curve
    shifted by where its own logit line, `near`, puts it."""
    real = points.log_x[points.log_x > ZERO_DOSE / 2]
    places = np.linspace(real.min() - 1.0, real.max() + 2.0, GRID_LOCATIONS)
    asymmetries = GRID_ASYMMETRIES if family.asymmetric else (0.0,)
    slopes, inner = len(GRID_SLOPES), len(asymmetries)
    b = np.repeat(np.array(GRID_SLOPES), GRID_LOCATIONS * inner)
    place = np.tile(np.repeat(places, inner), slopes)
    log_g = np.tile(np.array(asymmetries), slopes * GRID_LOCATIONS)
    own = near.mu[:, 0]
    offset = own - own.mean() if family.curves > 1 else np.zeros(1)
    return Start(b, place[None, :] + offset[:, None], log_g)


def costs(family: Family, points: Points, start: Start) -> Array:
    """Σ W(ȳ − f)² at each start (n,) of the one curve or bundle given, in squared units of y. Raises nothing."""
    many = points.repeated(len(start.b))
    return state_at(family, many, start.b, start.mu, start.log_g).cost


def best_of_grid(family: Family, one: Points, *, near: Start, costs: Costs) -> Start:
    """The points of the grid with the smallest cost for the one curve given. Raises nothing."""
    grid = _grid(family, one, near)
    cost = costs(family, one, grid)
    # A few of the very best, and the best of each slope and asymmetry, lest they all lie in one valley.
    places = np.arange(len(cost)).reshape(len(GRID_SLOPES), GRID_LOCATIONS, -1)
    best_place = cost.reshape(places.shape).argmin(1)[:, None, :]
    of_kind = np.take_along_axis(places, best_place, axis=1).reshape(-1)
    which = np.union1d(np.argsort(cost, kind="stable")[:GRID_BEST], of_kind)
    return Start(grid.b[which], grid.mu[:, which], grid.log_g[which])


def grid_start(family: Family, points: Points) -> Start:
    """For each curve of a batch the point of the grid with the smallest cost. Raises nothing."""
    grid = _grid(family, points, logit_start(family, points.of(slice(0, 1))))
    count = points.y.shape[1]
    best = np.full(count, np.inf)
    choice = np.zeros(count, dtype=np.intp)
    for index in range(len(grid.b)):
        b = np.full(count, grid.b[index])
        mu = np.repeat(grid.mu[:, index : index + 1], count, axis=1)
        cost = state_at(family, points, b, mu, np.full(count, grid.log_g[index])).cost
        better = cost < best
        best = np.where(better, cost, best)
        choice = np.where(better, index, choice)
    return Start(grid.b[choice], grid.mu[:, choice], grid.log_g[choice])
