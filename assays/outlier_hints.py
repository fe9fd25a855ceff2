"""Wells that do not seem to belong. A hint for people; no computation ever looks at it."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from .kernel.fourpl import Curve, Weighting
from .kernel.missing import Missing
from .kernel.outliers import grubbs, studentise
from .kernel.status import UnableToAnswer
from .models import Run, Well
from .pictures import response_of
from .selectors import masked_in, next_number

ALPHA = 0.05

Read = list[tuple[Well, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    position: str
    in_words: str
    analyte: str = ""

    @property
    def place(self) -> str:
        return f"{self.position} {self.analyte}".strip()


def outlier_hints(run: Run) -> list[Hint]:
    """Of the wells that count at present: standards far from the curve, then replicates far from the others."""
    if run.outcome is None:
        return []
    masked = masked_in(run, number=next_number(run))
    read = [
        (well, float(response))
        for well in run.wells.all()
        if well.pk not in masked and not isinstance(response := response_of(well), Missing)
    ]
    return [*_far_from_the_curve(run.outcome, read), *_far_from_their_replicates(read)]


def _far_from_the_curve(outcome: dict, read: Read) -> list[Hint]:
    """Studentised residuals of the standards, adjusted for their number."""
    stored = outcome.get("curve") or {}
    blank = outcome.get("blank", {}).get("mean")
    if "covariance" not in stored or not isinstance(blank, float | int):
        return []
    curve = Curve(**stored | {"weighting": Weighting(stored["weighting"])})
    standards = [
        (well, float(well.nominal), response - blank)
        for well, response in read
        if well.role == "standard" and well.nominal is not None
    ]
    doses = [dose for _, dose, _ in standards]
    responses = [response for _, _, response in standards]
    try:
        found = studentise(
            np.array(responses) - np.array([curve.response_at(dose) for dose in doses]),
            np.array([curve.tangent_at(dose) if dose else (1.0, 0.0, 0.0, 0.0) for dose in doses]),
            np.array([curve.weight_of(response) for response in responses]),
        )
    except UnableToAnswer:
        return []
    return [
        Hint(
            position=well.position,
            in_words=f"lies {abs(t):.1f} standard errors from the curve (studentised residual, p = {p:.2g} "
            f"of {len(standards)} standards)",
        )
        for (well, _, _), t, p in zip(standards, found.external, found.p, strict=True)
        if p < ALPHA
    ]


def _far_from_their_replicates(read: Read) -> list[Hint]:
    """Grubbs' test, two-sided, wherever three wells or more hold the same."""
    alike = defaultdict(list)
    for well, response in read:
        if well.role != Well.Role.EMPTY:
            held = (well.analyte, well.role, well.instrument_name, well.nominal, well.dilution)
            alike[held].append((well, response))
    hints = []
    for group in alike.values():
        try:
            test = grubbs([response for _, response in group], alpha=ALPHA)
        except UnableToAnswer:
            continue
        if test.g > test.critical_two_sided:
            far = f"lies {test.g:.2f} SD from the mean of its {len(group)} replicates"
            hints.append(
                Hint(
                    position=group[test.suspect][0].position,
                    analyte=group[test.suspect][0].analyte,
                    in_words=f"{far} (Grubbs, critical {test.critical_two_sided:.2f})",
                )
            )
    return hints
