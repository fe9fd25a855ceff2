"""An analyst takes wells out of a run, or puts them back; the run is computed again and keeps every answer."""

from collections import defaultdict
from collections.abc import Collection

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


class UnableToMask(UnableTo):
    """Nothing is masked or put back."""


@verb("assays.run.mask", roles=(Role.ANALYST,))
def mask_wells(*, run: Run, positions: Collection[str], reason: str, analyte: str = "", by: User) -> Run:
    """The next computation leaves these wells out; of a multiplex plate for one analyte, or for all."""
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
    require_qualified(by, run.method.qualification)
    require(reason.strip(), UnableToMask("Say why.", field="reason"))
    _require_newest(run)
    number = selectors.next_number(run)
    for well in _wells_at(run, positions, analyte, masked=masked):
        Masking.objects.create(
            run=run, well=well, computation=number, masked=masked, reason=reason.strip(), by=by
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
    for place in samples.distinct():
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


def _wells_at(run: Run, positions: Collection[str], analyte: str, *, masked: bool) -> list[Well]:
    """Of a multiplex plate those rows of a well that are to change, if any is."""
    require(positions, UnableToMask("Choose at least one well.", field="positions"))
    wells = defaultdict(list)
    for well in run.wells.select_related("mapped_sample").order_by("pk"):
        if analyte in ("", well.analyte):
            wells[well.position].append(well)
    left_out = selectors.masked_in(run, number=selectors.next_number(run))
    found = []
    for position in sorted(set(positions)):
        named = f"{position} {analyte}".strip()
        require(wells[position], UnableToMask(f"{run} has no well {named}.", field="positions"))
        of_computation = [well for well in wells[position] if _is_of_computation(well)]
        require(
            of_computation,
            UnableToMask(
                f"{named} is not part of the computation; there is nothing to mask.", field="positions"
            ),
        )
        to_change = [well for well in of_computation if (well.pk in left_out) != masked]
        already = "masked already" if masked else "not masked"
        require(to_change, UnableToMask(f"{named} is {already}.", field="positions"))
        found += to_change
    return found


def _is_of_computation(well: Well) -> bool:
    name = well.mapped_sample
    return well.role != Well.Role.EMPTY and not (name and name.left_out)
