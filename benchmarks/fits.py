"""Fits against SciPy's and lmfit's of the same wells: `python -m benchmarks.fits`.

The whole production path is measured: estimates, covariance, degrees of freedom, refusals. Everything is timed in
turns on one core, in seconds of that core, so that a busy machine slows all alike.
"""

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from functools import partial  # noqa: E402
from math import exp, sqrt  # noqa: E402
from statistics import median  # noqa: E402
from time import process_time  # noqa: E402

import numpy as np  # noqa: E402
from scipy.optimize import brentq, curve_fit, least_squares  # noqa: E402
from scipy.stats import f as f_distribution  # noqa: E402

from assays.kernel.batch import Batch, CurveStatus, Engine, fit_batch  # noqa: E402
from assays.kernel.forms import Form, Model  # noqa: E402
from assays.kernel.parallel_curves import Bundle, fit_constrained, fit_free, parallelism, profile  # noqa: E402

from .kept import keep, measured_by  # noqa: E402

CURVES, THEIR_CURVES, LMFITS, TIGHT = 50_000, 200, 40, 200
TURNS = 5
DOSES = np.repeat(2000.0 / 2.5 ** np.arange(8), 2)  # pg/mL, duplicate wells


@dataclass(frozen=True)
class Row:
    words: str
    microseconds: float
    faster: float  # than the floor of its table
    difference: float | None  # largest, relative, from the tight fit


def plates(count: int, seed: int = 20261123) -> np.ndarray:
    """Simulated ELISA standards (curves, wells): 3 % CV and a little additive noise."""
    rng = np.random.default_rng(seed)
    a, d = rng.uniform(0.04, 0.10, (count, 1)), rng.uniform(2.2, 3.6, (count, 1))
    b, c = rng.uniform(0.9, 1.5, (count, 1)), np.exp(rng.normal(np.log(150.0), 0.3, (count, 1)))
    exact = d + (a - d) / (1 + (DOSES / c) ** b)
    noise = rng.standard_normal((2, *exact.shape))
    return exact * (1 + 0.03 * noise[0]) + 0.004 * noise[1]


def four_pl(x, a, d, b, c):
    return d + (a - d) / (1 + (x / c) ** b)


def naive_start(y: np.ndarray) -> list[float]:
    """What an analyst's script starts from."""
    return [y.min(), y.max(), 1.0, float(np.median(DOSES))]


def measure_curves() -> list[Row]:
    import lmfit

    responses = plates(CURVES)
    fit_batch(DOSES, responses[:8], engine=Engine.COMPILED)  # compiled, or loaded, once per process
    model = lmfit.Model(four_pl)

    def scipys() -> None:
        for y in responses[:THEIR_CURVES]:
            curve_fit(four_pl, DOSES, y, p0=naive_start(y), maxfev=20_000)

    def lmfits() -> None:
        for y in responses[:LMFITS]:
            model.fit(y, x=DOSES, **dict(zip("adbc", naive_start(y), strict=True)))

    times = in_turns(
        {
            "SciPy curve_fit": (scipys, THEIR_CURVES),
            "lmfit": (lmfits, LMFITS),
            "ours, NumPy": (lambda: fit_batch(DOSES, responses), CURVES),
            "ours, compiled": (lambda: fit_batch(DOSES, responses, engine=Engine.COMPILED), CURVES),
        }
    )
    differences = {
        "ours, NumPy": difference(fit_batch(DOSES, responses[:TIGHT]), responses),
        "ours, compiled": difference(fit_batch(DOSES, responses[:TIGHT], engine=Engine.COMPILED), responses),
    }
    return rows(times, "SciPy curve_fit", differences)


def difference(batch: Batch, responses: np.ndarray) -> float:
    """From SciPy at the tightest tolerance: largest of b, c, both asymptotes against the range."""
    assert (batch.status == CurveStatus.FITTED).all()
    worst = 0.0
    for (a, d, b, mu), y in zip(batch.theta, responses, strict=False):
        start = (a, d, b, exp(mu))
        theirs, _ = curve_fit(
            four_pl,
            DOSES,
            y,
            p0=start,
            ftol=1e-15,
            xtol=1e-15,
            gtol=1e-15,
            x_scale=np.abs(start),
            method="trf",
        )
        scale = np.array([np.ptp(y), np.ptp(y), theirs[2], theirs[3]])
        worst = max(worst, float((np.abs(np.array(start) - theirs) / scale).max()))
    return worst


def measure_potency() -> list[Row]:
    """Two free fits, the constrained fit, the F test and both profile limits."""
    doses, y, curve = potency_assay()

    def ours(engine: Engine) -> tuple[float, float]:
        bundle = Bundle(("S", "T"), doses, y, curve, engine=engine)
        free = fit_free(bundle, model=Model.FOUR, form=Form.ABCD)
        constrained = fit_constrained(bundle, model=Model.FOUR, form=Form.ABCD, free=free)
        parallelism(free, constrained)
        return profile(constrained, 0, 1, confidence=0.95)

    theirs = scipys_potency(doses, y, curve)
    names = {Engine.NUMPY: "ours, NumPy", Engine.COMPILED: "ours, compiled"}
    worst = {
        words: max(abs(mine / his - 1) for mine, his in zip(ours(engine), theirs, strict=True))
        for engine, words in names.items()
    }
    calls = {words: (partial(ours, engine), 1) for engine, words in names.items()}
    return rows(
        in_turns({"SciPy": (lambda: scipys_potency(doses, y, curve), 1), **calls}, turns=15), "SciPy", worst
    )


def potency_assay() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Standard and test, 8 doses in triplicate, true relative potency 1.3."""
    rng = np.random.default_rng(4)
    doses, curve = np.tile(np.repeat(100.0 / 3.0 ** np.arange(8), 3), 2), np.repeat([0, 1], 24)
    exact = four_pl(doses, 0.1, 2.5, 1.2, np.where(curve == 0, 1.3, 1.0))
    return doses, exact + 0.03 * rng.standard_normal(len(doses)), curve


def scipys_potency(doses: np.ndarray, y: np.ndarray, curve: np.ndarray) -> tuple[float, float]:
    """The same analysis as a careful script writes it."""
    log_x, tight = np.log(doses), {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15, "method": "lm"}

    def logistic(a, d, b, at):
        return d + (a - d) / (1 + np.exp(b * (log_x - at)))

    start = [y.min(), y.max(), 1.0]
    free = 0.0
    for index in (0, 1):
        own = curve == index
        middle = float(np.median(log_x[own]))
        found = least_squares(lambda p, own=own: (y - logistic(*p))[own], [*start, middle], **tight)
        free += 2 * found.cost
    middle = float(np.median(log_x))
    best = least_squares(
        lambda p: y - logistic(*p[:3], np.where(curve == 0, p[3], p[4])), [*start, middle, middle], **tight
    )
    df = len(y) - 5
    assert (2 * best.cost - free) / 3 / (free / (len(y) - 8)) > 0
    target = 2 * best.cost * (1 + f_distribution.ppf(0.95, 1, df) / df)

    def excess(log_ratio: float) -> float:
        found = least_squares(
            lambda p: y - logistic(*p[:3], np.where(curve == 0, p[3], p[3] - log_ratio)), best.x[:4], **tight
        )
        return 2 * found.cost - target

    ratio = best.x[3] - best.x[4]
    covariance = np.linalg.inv(best.jac.T @ best.jac) * 2 * best.cost / df
    se = sqrt(covariance[3, 3] + covariance[4, 4] - 2 * covariance[3, 4])
    return exp(brentq(excess, ratio - 4 * se, ratio, xtol=1e-10)), exp(
        brentq(excess, ratio, ratio + 4 * se, xtol=1e-10)
    )


def in_turns(calls: dict[str, tuple[Callable[[], object], int]], turns: int = TURNS) -> dict[str, float]:
    """Median seconds of this core for one fit of each."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(turns + 1):
        for name, (call, fits) in calls.items():
            began = process_time()
            call()
            if turn:  # the first warms up
                found[name].append((process_time() - began) / fits)
    return {name: median(seconds) for name, seconds in found.items()}


def rows(times: dict[str, float], floor: str, differences: dict[str, float]) -> list[Row]:
    return [
        Row(name, seconds * 1e6, times[floor] / seconds, differences.get(name))
        for name, seconds in times.items()
    ]


def in_words(curves: list[Row], potency: list[Row]) -> list[str]:
    return [
        f"{measured_by('python -m benchmarks.fits').rstrip('.')}, seconds of one core:",
        "",
        f"| {CURVES:,} standard curves of {len(DOSES)} wells | µs per curve | × as fast as curve_fit "
        "| largest difference from a tight fit |",
        "|---|--:|--:|--:|",
        *map(_line, curves),
        "",
        "| relative potency with profile interval | µs | × as fast as SciPy | largest difference |",
        "|---|--:|--:|--:|",
        *map(_line, potency),
    ]


def _line(row: Row) -> str:
    difference = "" if row.difference is None else f"{row.difference:.0e}"
    return f"| {row.words} | {row.microseconds:.3g} | {row.faster:.3g} | {difference} |"


if __name__ == "__main__":
    keep("fits", in_words(measure_curves(), measure_potency()))
