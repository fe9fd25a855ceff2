"""What an import is decided on: samples by name or label, their orders' bags, what stands and what is at work."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q
from django.utils import timezone

from assays.attributes import name_of
from assays.kernel.missing import Missing
from assays.models import InstrumentFile, MappedSample, Method, Result, Run
from assays.readers import CellCountFile, PlateFile, ValueTable
from assays.rules.mapping import Choice, Import, KnownSample
from assays.rules.plates import Reads, code_in
from assays.rules.rows import measured_at, rows_of
from assays.states import BEING_COMPUTED, ResultState, RunState
from tilmfg.batches.models import Sample
from tilmfg.batches.states import SampleState
from tilmfg.identity import isbt128
from tilmfg.identity.states import OrderState

from .assays import combining_runs
from .bag_volumes import NO_BAG, bag_volumes


def standing_runs(file: InstrumentFile) -> dict[str, Run]:
    """By plate of the file the run that it was imported as, unless that was rejected."""
    runs = file.runs.exclude(state=RunState.REJECTED).select_related("analyst")
    return {run.plate_in_file: run for run in runs}


def samples_named(texts: Iterable[str]) -> dict[str, Sample]:
    """Samples by what was typed (their name) or scanned (the code on their vial), in one query."""
    wanted = {text: _sample_named(text) for text in texts if text}
    if not wanted:
        return {}
    found = Sample.objects.filter(Q.create(list(wanted.values()), connector=Q.OR)).select_related(
        "order", "container"
    )
    by_name: dict[str, Sample] = {}
    for sample in found:
        by_name[sample.name.upper()] = sample
        by_name[f"{sample.order.coi_id}.{sample.container.code}"] = sample
    keys = {text: _key(text) for text in wanted}
    return {text: by_name[key] for text, key in keys.items() if key in by_name}


def _scanned(text: str) -> isbt128.ScannedIdentifier | None:
    try:
        scanned = isbt128.parse(text)
    except isbt128.UnableToReadIdentifier:
        return None
    return scanned if scanned.container_code else None


def _sample_named(text: str) -> Q:
    if scanned := _scanned(text):
        return Q(order__coi_id=str(scanned.coi_id), container__code=scanned.container_code)
    return Q(name__iexact=text.strip())


def _key(text: str) -> str:
    if scanned := _scanned(text):
        return f"{scanned.coi_id}.{scanned.container_code}"
    return text.strip().upper()


def plan_import(
    file: PlateFile | CellCountFile | ValueTable,
    *,
    method: Method,
    choices: Mapping[str, Choice],
    reads: Reads,
    plate: str = "",
    stored: InstrumentFile,
) -> Import:
    """Everything an import is decided on, in a constant number of queries. `file` is what was read of `stored`."""
    texts = {choice.sample_name for choice in choices.values()}
    texts |= {name for row in rows_of(file) for name in (row.name, row.sample_name)}
    return Import(
        file=file,
        version=method.rules,
        choices=choices,
        known=known_samples(texts, method=method),
        reads=reads,
        plate=plate,
        alike=tuple(map(in_words, runs_alike(file, stored))),
        now=timezone.now(),
    )


def runs_alike(file: PlateFile | CellCountFile | ValueTable, stored: InstrumentFile) -> Iterable[Run]:
    """Of the plate that this file names, at the time that it says; rejected ones are none."""
    code, moment = code_in(file), measured_at(file)
    if not code or isinstance(moment, Missing):
        return ()
    runs = Run.objects.filter(plate_read__iexact=code, measured_at=moment).exclude(file=stored)
    return runs.exclude(state=RunState.REJECTED).select_related("file").defer("file__content").order_by("pk")


def in_words(run: Run) -> str:
    return f"run {run.pk} (“{run.file.filename}”)"


def known_samples(texts: Iterable[str], *, method: Method) -> dict[str, KnownSample]:
    samples = samples_named(texts)
    orders = {sample.order_id for sample in samples.values()}
    volumes, standing = bag_volumes(orders), standing_results(orders)
    pending = runs_at_work(orders, {reported.attribute for reported in method.rules.results})
    combining = combining_runs(orders, method)
    return {
        text: KnownSample(
            name=sample.name,
            lot_number=sample.order.lot_number,
            stage=sample.stage,
            stage_name=sample.get_stage_display().lower(),
            drawn_at=sample.drawn_at,
            is_received=sample.state == SampleState.RECEIVED,
            is_stopped=sample.order.state == OrderState.STOPPED,
            bag_volume_ml=volumes.get(sample.order_id, NO_BAG),
            standing=standing[sample.order_id, sample.stage],
            being_computed=pending.get((sample.order_id, sample.stage), ""),
            combined_in=combining.get((sample.order_id, sample.stage), ""),
        )
        for text, sample in samples.items()
    }


def standing_results(orders: Iterable[int]) -> dict[tuple[int, str], dict[str, str]]:
    """By order and stage: attribute → the result that stands, in words."""
    found: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    standing = Result.objects.filter(order__in=orders, retest_of=None)
    for result in standing.exclude(state=ResultState.SUPERSEDED):
        found[result.order_id, result.stage][result.attribute] = (
            f"{name_of(result.attribute)} {result.in_words} ({result.get_state_display().lower()})"
        )
    return found


def runs_at_work(orders: Iterable[int], attributes: Collection[str]) -> dict[tuple[int, str], str]:
    """By order and stage: the run, by whatever method, that is still being computed and may give one of these results.

    What it finds takes the place of the result that stood when it was imported; so nothing is recorded, masked or
    made final beside it.
    """
    names = MappedSample.objects.filter(sample__order__in=orders, run__state__in=BEING_COMPUTED)
    return {
        (name.sample.order_id, name.sample.stage): f"run {name.run_id}"
        for name in names.select_related("sample", "run__method")
        if name.sample and any(one.attribute in attributes for one in name.run.method.rules.results)
    }
