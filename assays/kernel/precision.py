"""Precision of a measurement procedure: components of variance of a nested design."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from assays.kernel.status import Status, UnableToAnswer

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Mean squares and components of days, runs within days and replicates within runs.

    A negative estimate of a component stands as 0. `within_laboratory` is the SD of one result on an
    arbitrary day, with Satterthwaite's degrees of freedom.
    """

    mean: float
    ms_day: float
    ms_run: float
    ms_error: float
    day: float
    run: float
    error: float
    repeatability: float
    within_laboratory: float
    df_within_laboratory: float


def nested_precision(values: Array) -> Precision:
    """Components of `values` (days I, runs K, replicates N), each at least 2, in the unit of the values.

        error = MS_E      run = (MS_R − MS_E)/N      day = (MS_D − MS_R)/NK
        df = total²/[(MS_D/NK)²/(I − 1) + ((K − 1)MS_R/NK)²/(I(K − 1)) + ((N − 1)MS_E/N)²/(IK(N − 1))]

    UnableToAnswer: too_few_values, not_estimable if nothing varies. Source: CLSI EP05-A3; ISO 5725-3.
    """
    i, k, n = values.shape
    if min(i, k, n) < 2:
        raise UnableToAnswer(
            Status.TOO_FEW_VALUES, f"{i} days × {k} runs × {n} replicates; at least 2 of each are needed."
        )
    runs, days, grand = values.mean(2), values.mean((1, 2)), float(values.mean())
    ms_day = n * k * float(((days - grand) ** 2).sum()) / (i - 1)
    ms_run = n * float(((runs - days[:, None]) ** 2).sum()) / (i * (k - 1))
    ms_error = float(((values - runs[:, :, None]) ** 2).sum()) / (i * k * (n - 1))
    day, run = max(0.0, (ms_day - ms_run) / (n * k)), max(0.0, (ms_run - ms_error) / n)
    total = day + run + ms_error
    if total == 0:
        raise UnableToAnswer(Status.NOT_ESTIMABLE, "All values are equal.")
    spread = (
        (ms_day / (n * k)) ** 2 / (i - 1)
        + ((k - 1) * ms_run / (n * k)) ** 2 / (i * (k - 1))
        + ((n - 1) * ms_error / n) ** 2 / (i * k * (n - 1))
    )
    return Precision(
        mean=grand,
        ms_day=ms_day,
        ms_run=ms_run,
        ms_error=ms_error,
        day=day,
        run=run,
        error=ms_error,
        repeatability=sqrt(ms_error),
        within_laboratory=sqrt(total),
        df_within_laboratory=total**2 / spread,
    )
