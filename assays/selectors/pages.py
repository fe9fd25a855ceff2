"""What the pages of the laboratory list and show, each in a constant number of queries."""

from django.db.models import Count, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.shortcuts import get_object_or_404

from assays.models import InstrumentFile, Result, Run
from assays.states import BEING_COMPUTED, RUN, ResultState, RunState
from tilmfg.accounts.models import User
from tilmfg.batches.models import Sample
from tilmfg.batches.states import SampleState
from tilmfg.facility.models import Equipment
from tilmfg.quality.models import Investigation
from tilmfg.records.models import Effect, Event

from .computations import next_number

RUNS_BY_STATE = {
    "to_review": (RunState.COMPUTED,),
    "invalid": (RunState.INVALID,),
    "being_computed": BEING_COMPUTED,
    "reviewed": (RunState.REVIEWED,),
    "rejected": (RunState.REJECTED,),
}


def samples(search: str = ""):
    found = Sample.objects.select_related("order")
    return found.filter(name__istartswith=search.strip()) if search.strip() else found


def samples_to_receive():
    return samples().filter(state=SampleState.DRAWN)


def sample_called(name: str) -> Sample:
    """The sample of this name, or the page that says there is none."""
    return get_object_or_404(samples(), name=name)


def results_of_sample(sample: Sample):
    """Every result, superseded ones too, newest first."""
    people = ("recorded_by", "reviewed_by", "method", "run", "review", "second_reading__read_by")
    return investigated(sample.results.select_related(*people, "supersedes").order_by("-pk"))


def investigated(results):
    """Results, each with the number of the investigation that it is or was under, if any."""
    number = Investigation.objects.filter(result_id=OuterRef("pk")).values("deviation__number")
    return results.annotate(investigation_number=Subquery(number))


def standing_result(sample: Sample, attribute: str) -> Result | None:
    """The result of the order that a new one of this sample would supersede."""
    found = Result.objects.filter(
        order=sample.order_id, attribute=attribute, stage=sample.stage, retest_of=None
    )
    return found.exclude(state=ResultState.SUPERSEDED).first()


def runs(search: str = ""):
    """Runs; searched by the beginning of a sample's name, or by the label of a plate."""
    found = Run.objects.select_related("method", "file", "analyst", "instrument").defer("file__content")
    if search.strip():
        of_sample = Q(mapped_samples__sample__name__istartswith=search.strip())
        found = found.filter(of_sample | Q(plate_scanned__iexact=search.strip())).distinct()
    return found


def runs_of_sample(sample: Sample):
    return runs().filter(mapped_samples__sample=sample).distinct().order_by("-pk")


def runs_in(state: str, search: str = ""):
    return runs(search).filter(state__in=RUNS_BY_STATE[state]) if state else runs(search)


def runs_to_review(user: User):
    """Computed, measured and masked by others than this person."""
    return runs_in("to_review").exclude(analyst=user).exclude(maskings__by=user)


def invalid_runs():
    """They wait, whoever made them, until they are rejected or valid."""
    return runs_in("invalid").prefetch_related("maskings")


def results_to_review(user: User):
    """Entered by form by somebody else than this person."""
    found = Result.objects.filter(state=ResultState.RECORDED, run=None).exclude(recorded_by=user)
    return found.select_related("sample", "recorded_by")


def instrument_called(code: str) -> Equipment | None:
    return Equipment.objects.filter(code__iexact=code.strip()).first()


def instruments():
    """What files are imported from."""
    kinds = (
        Equipment.Kind.CELL_COUNTER,
        Equipment.Kind.PLATE_READER,
        Equipment.Kind.FLOW_CYTOMETER,
        Equipment.Kind.PCR_CYCLER,
    )
    return Equipment.objects.filter(kind__in=kinds).order_by("code")


def files_to_import():
    """Stored files of which a plate, or all there is, is no run yet or only a rejected one."""
    plates = Func("plates", function="jsonb_array_length", output_field=IntegerField())
    standing = Count("runs", filter=~Q(runs__state=RunState.REJECTED))
    waiting = InstrumentFile.objects.annotate(standing=standing).filter(standing__lt=Greatest(plates, 1))
    return waiting.select_related("stored_by").defer("content")


def earlier_runs(file: InstrumentFile, *, but: Run | None = None):
    """Runs that were made of the same bytes, of whichever plate."""
    found = file.runs.select_related("analyst", "reviewed_by", "review").order_by("pk")
    return found.exclude(pk=but.pk) if but else found


def results_of_run(run: Run):
    return investigated(
        run.results.select_related("sample__order", "recorded_by", "reviewed_by", "supersedes").order_by("pk")
    )


def last_recalculation(run: Run) -> Event | None:
    found = Event.objects.filter(name="assays.run.recalculated", subject_kind=RUN.kind, subject_id=run.pk)
    return found.select_related("actor").order_by("pk").last()


def computing_key(run: Run) -> str:
    """Of the effect that computes the run next."""
    number = next_number(run)
    return f"{run.pk}" if number == 1 else f"{run.pk}:{number}"


def work_on(run: Run) -> Effect | None:
    """The promised computation: how often it was tried and why it failed so far."""
    return Effect.objects.filter(key=f"assays.compute_run:{computing_key(run)}").first()


def run_with_everything(pk: int) -> Run:
    found = Run.objects.select_related("method", "file", "instrument", "analyst", "reviewed_by", "review")
    found = found.defer("file__content").prefetch_related(
        "wells", "mapped_samples__sample", "computations", "maskings__by", "maskings__well"
    )
    return get_object_or_404(found, pk=pk)
