"""Wells and rows that do not seem to belong. A hint for people; no computation ever looks at it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

import numpy as np

from .kernel.fourpl import Curve, Weighting
from .kernel.missing import Missing
from .kernel.outliers import grubbs, studentise
from .kernel.status import UnableToAnswer
from .models import Run, Well
from .pictures import response_of
from .readers import ValueRow
from .selectors import masked_in, next_number
from .shown_rows import RowShown

ALPHA = 0.05

Read = list[tuple[Well, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """`query` leads to the well or the row on the page of the run."""

    place: str
    in_words: str
    query: str


def outlier_hints(run: Run, rows: Sequence[RowShown] = ()) -> list[Hint]:
    """Of the wells, or else of the rows, that count at present: standards far from the curve, then replicates far from
    the others."""
    if run.outcome is None:
        return []
    masked = masked_in(run, number=next_number(run))
    read = [
        (well, float(response))
        for well in run.wells.all()
        if well.pk not in masked and not isinstance(response := response_of(well), Missing)
    ]
    return [
        *_far_from_the_curve(run.outcome, read),
        *_far_from_their_replicates(_alike_wells(read)),
        *_far_from_their_replicates(_alike_rows(rows)),
    ]


def _of_well(well: Well, in_words: str) -> Hint:
    named = {"well": well.position} | ({"analyte": well.analyte} if well.analyte else {})
    return Hint(
        place=f"{well.position} {well.analyte}".strip(), in_words=in_words, query=f"?{urlencode(named)}#well"
    )


def _of_row(row: RowShown, in_words: str) -> Hint:
    return Hint(place=f"Row {row.number}, {row.read.held}", in_words=in_words, query=f"?row={row.number}#row")


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
        _of_well(
            well,
            f"lies {abs(t):.1f} standard errors from the curve (studentised residual, p = {p:.2g} "
            f"of {len(standards)} standards)",
        )
        for (well, _, _), t, p in zip(standards, found.external, found.p, strict=True)
        if p < ALPHA
    ]


def _alike_wells(read: Read) -> Iterator[tuple[Hashable, Callable[[str], Hint], float]]:
    for well, response in read:
        if well.role != Well.Role.EMPTY:
            held = (well.analyte, well.role, well.instrument_name, well.nominal, well.dilution)
            yield held, partial(_of_well, well), response


def _alike_rows(rows: Iterable[RowShown]) -> Iterator[tuple[Hashable, Callable[[str], Hint], float]]:
    """Of a table of values. A counted sample is there once."""
    for row in rows:
        told = row.read.read
        if row.masking or not isinstance(told, ValueRow) or isinstance(told.value, Missing):
            continue
        if told.qualifier == "=":
            held = (told.sample_name, told.quantity, told.unit, told.dilution)
            yield held, partial(_of_row, row), float(told.value)


def _far_from_their_replicates(
    read: Iterable[tuple[Hashable, Callable[[str], Hint], float]],
) -> Iterator[Hint]:
    """Grubbs' test, two-sided, wherever three wells or rows or more hold the same."""
    alike = defaultdict(list)
    for held, hint, value in read:
        alike[held].append((hint, value))
    for group in alike.values():
        try:
            test = grubbs([value for _, value in group], alpha=ALPHA)
        except UnableToAnswer:
            continue
        if test.g > test.critical_two_sided:
            far = f"lies {test.g:.2f} SD from the mean of its {len(group)} replicates"
            hint, _ = group[test.suspect]
            yield hint(f"{far} (Grubbs, critical {test.critical_two_sided:.2f})")
