"""A plate read back well by well from the curve of its standards, as plate readers' own software does it.

Each used well alone is turned into a dose; means, SD (n − 1) and %CV are those of the doses of a sample's wells, not
of their responses. The range flag is judged on the response against the level means of the standards and does not
depend on whether a dose exists. A masked well takes part in nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assays.kernel.curves import Fit, inverse_of
from assays.kernel.forms import Form, Model, fit_form
from assays.kernel.replicates import Replicates, summarise
from assays.kernel.status import Status, UnableToAnswer, Unanswered
from assays.kernel.weights import Weights, points_of


class PlateRole(StrEnum):
    """What a used well is."""

    STANDARD = "standard"
    UNKNOWN = "unknown"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class PlateWell:
    """A used well; `nominal` is the concentration of a standard, `sample` may be empty."""

    position: str
    role: PlateRole
    response: float
    nominal: float | None
    sample: str
    dilution: float | None


@dataclass(frozen=True, slots=True)
class SampleReading:
    """The doses of a sample's wells, before and after dilution."""

    concentration: Replicates
    adjusted: float | Unanswered  # mean × dilution


@dataclass(frozen=True, slots=True)
class PlateReading:
    """`recovery` in percent by level number, ascending from 1; a standard of 0 is counted and has none."""

    fit: Fit
    lowest_mean: float
    highest_mean: float
    concentrations: Mapping[str, float | Unanswered]
    flags: Mapping[str, str]
    recovery: Mapping[int, float | Unanswered]
    samples: Mapping[str, SampleReading]


def read_plate(
    wells: Sequence[PlateWell], *, model: Model, form: Form, weights: Weights, level_means: bool
) -> PlateReading:
    """Fit the standards and read every well back. `wells` are the used ones, each position once.

    Raises bad_input for a position twice or a standard without concentration, and what the fit raises. A well
    without a dose is Unanswered with no_solution. Sources: `forms` for the curve, `curves.inverse_of` for its inverse.
    """
    positions = [well.position for well in wells]
    if len(set(positions)) < len(positions):
        raise UnableToAnswer(Status.BAD_INPUT, "a well is given twice")
    standards = [well for well in wells if well.role is PlateRole.STANDARD]
    if any(well.nominal is None for well in standards) or not standards:
        raise UnableToAnswer(Status.BAD_INPUT, "standards with their concentrations are needed")
    nominal = np.array([well.nominal for well in standards], dtype=float)
    response = np.array([well.response for well in standards])
    points = points_of(nominal, response, weights=weights, level_means=level_means)
    fit = fit_form(points.x, points.y, points.weights, model=model, form=form)
    levels = np.unique(nominal)
    means = [float(response[nominal == level].mean()) for level in levels]
    low, high = min(means), max(means)
    doses = {well.position: _dose(fit, well.response) for well in wells}
    return PlateReading(
        fit=fit,
        lowest_mean=low,
        highest_mean=high,
        concentrations=doses,
        flags={well.position: "" if low <= well.response <= high else "R" for well in wells},
        recovery={
            number: _recovery(
                [doses[well.position] for well in standards if well.nominal == level], float(level)
            )
            for number, level in enumerate(levels, start=1)
            if level > 0
        },
        samples={
            name: _read_sample([well for well in wells if well.sample == name], doses)
            for name in dict.fromkeys(well.sample for well in wells if well.sample)
        },
    )


def _dose(fit: Fit, response: float) -> float | Unanswered:
    try:
        return inverse_of(fit, response)
    except UnableToAnswer as refused:
        return refused.answer


def _recovery(doses: list[float | Unanswered], nominal: float) -> float | Unanswered:
    found = [dose for dose in doses if not isinstance(dose, Unanswered)]
    if not found:
        return Unanswered("no standard of this level has a solution", Status.NO_SOLUTION)
    return 100 * sum(found) / len(found) / nominal


def _read_sample(wells: list[PlateWell], doses: Mapping[str, float | Unanswered]) -> SampleReading:
    found = [dose for well in wells if not isinstance(dose := doses[well.position], Unanswered)]
    summary = summarise(found)
    dilutions = {well.dilution for well in wells}
    dilution = dilutions.pop()
    if not found:
        return SampleReading(summary, Unanswered("no well has a solution", Status.NO_SOLUTION))
    if dilutions or dilution is None:
        return SampleReading(summary, Unanswered("the wells have no common dilution", Status.BAD_INPUT))
    return SampleReading(summary, sum(found) / len(found) * dilution)
