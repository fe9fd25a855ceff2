"""An analyst takes wells or rows of a table out of a run, or puts them back; it is computed again and keeps every
answer."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from assays import selectors
from assays.models import Masking, Result, Run, Well
from assays.states import RUN, ResultState, RunState
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.training import require_qualified
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.outbox import promise
from tilmfg.records.states import advance

from .imports import lock_orders


class UnableToMask(UnableTo):
    """Nothing is masked or put back."""


@verb("assays.run.mask", roles=(Role.ANALYST,))
def mask_wells(*, run: Run, positions: Collection[str], reason: str, analyte: str = "", by: User) -> Run:
    """The next computation leaves these wells out; of a multiplex plate for one analyte, or for all. Of a run that was
    made of a table or of counts rows by their numbers, or by the wells that its file names."""
    return _ask_for_computation(run, positions, analyte, masked=True, reason=reason, by=by)


@verb("assays.run.unmask", roles=(Role.ANALYST,))
def unmask_wells(*, run: Run, positions: Collection[str], reason: str, analyte: str = "", by: User) -> Run:
    """The next computation takes these wells in again."""
    return _ask_for_computation(run, positions, analyte, masked=False, reason=reason, by=by)


def _ask_for_computation(
    run: Run, positions: Collection[str], analyte: str, *, masked: bool, reason: str, by: User
) -> Run:
    run = Run.objects.select_for_update(of=("self",)).select_related("method").get(pk=run.pk)
    _require_open(run)
    require_qualified(by, *run.method.qualifications)
    require(reason.strip(), UnableToMask("Say why.", field="reason"))
    lock_orders(set(run.mapped_samples.exclude(sample=None).values_list("sample__order", flat=True)))
    _require_newest(run)
    number = selectors.next_number(run)
    require(positions, UnableToMask("Choose at least one well or row.", field="positions"))
    for place in _places(run, positions, analyte, masked=masked).values():
        Masking.objects.create(
            run=run, computation=number, masked=masked, reason=reason.strip(), by=by, **place.named
        )
    event = "assays.run.wells_masked" if masked else "assays.run.wells_unmasked"
    details = {"wells": sorted(positions), "because": reason} | ({"analyte": analyte} if analyte else {})
    promise("assays.compute_run", key=selectors.computing_key(run), run_id=run.pk)
    advance(run, machine=RUN, event=event, by=by, details=details)
    return run


def _require_open(run: Run) -> None:
    require(
        run.state in (RunState.COMPUTED, RunState.INVALID),
        UnableToMask(f"{run} is {run.get_state_display().lower()}; wells are masked before the review only."),
    )


def _require_newest(run: Run) -> None:
    """Otherwise a choice of wells in an old run would replace what was measured since."""
    samples = run.mapped_samples.filter(sample__isnull=False).values("sample__order", "sample__stage")
    attributes = [reported.attribute for reported in run.method.rules.results]
    at_work = selectors.runs_at_work({place["sample__order"] for place in samples}, attributes)
    for place in samples.distinct():
        if other := at_work.get((place["sample__order"], place["sample__stage"])):
            raise UnableToMask(
                f"What {run} measured was measured again: {other} is being computed; wait for it."
            )
        newer = (
            Result.objects.filter(
                order=place["sample__order"],
                stage=place["sample__stage"],
                attribute__in=attributes,
                recorded_at__gt=run.recorded_at,
            )
            .exclude(state=ResultState.SUPERSEDED)
            .exclude(run=run)
            .select_related("sample")
            .first()
        )
        if newer:
            raise UnableToMask(f"{newer.sample} was measured again since; {newer.in_words} stands.")


@dataclass(frozen=True, slots=True)
class Place:
    """A well or a row: by which key it is masked, whether it is computed with, and how a masking names it."""

    key: int
    is_computed_with: bool
    named: dict[str, Any]


def _places(run: Run, positions: Collection[str], analyte: str, *, masked: bool) -> dict[int, Place]:
    """Of each position what is to change."""
    known = _wells(run, analyte) if run.wells.exists() else _rows(run)
    left_out = selectors.masked_in(run, number=selectors.next_number(run))
    found: dict[int, Place] = {}
    for position in sorted(set(positions)):
        is_row, named = position.isdecimal(), f"{position} {analyte}".strip()
        lacking = f"{run} has no {'row' if is_row else 'well'} {named}."
        require(known[position], UnableToMask(lacking, field="positions"))
        named = f"Row {named}" if is_row else named
        of_computation = [place for place in known[position] if place.is_computed_with]
        require(
            of_computation,
            UnableToMask(
                f"{named} is not part of the computation; there is nothing to mask.", field="positions"
            ),
        )
        to_change = [place for place in of_computation if (place.key in left_out) != masked]
        already = "masked already" if masked else "not masked"
        require(to_change, UnableToMask(f"{named} is {already}.", field="positions"))
        found |= {place.key: place for place in to_change}
    return found


def _wells(run: Run, analyte: str) -> dict[str, list[Place]]:
    """By position; of a multiplex plate a well has a row for each analyte."""
    found = defaultdict(list)
    for well in run.wells.select_related("mapped_sample").order_by("pk"):
        if analyte in ("", well.analyte):
            name = well.mapped_sample
            counts = well.role != Well.Role.EMPTY and not (name and name.left_out)
            found[well.position].append(Place(well.pk, counts, {"well": well}))
    return found


def _rows(run: Run) -> dict[str, list[Place]]:
    """By their numbers, and by their wells; a well of a duplex reaction has several rows."""
    found = defaultdict(list)
    for row in selectors.rows_of_file(run):
        place = Place(row.number, row.is_computed_with, {"row": row.number, "held": row.held})
        for position in filter(None, (str(row.number), row.well)):
            found[position].append(place)
    return found
