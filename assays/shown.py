"""What a reviewer sees and signs: its digest stands on the page and is compared when the signature comes."""

import hashlib
import json

from tilmfg.records.signature_status import signed_row

from .models import Computation, Result, Run, SecondReading
from .selectors import masked_in
from .selectors.judged_controls import controls_of_run
from .selectors.reagents import reagents_of
from .states import RESULT, RUN

MOVES = ("state", "review_id", "reviewed_by_id")


@signed_row(RUN.kind, model=Run, moves=MOVES)
def shown_of_run(run: Run) -> dict:
    """The run with its file, its mapping, its outcome (by digest), every result and how its controls stand."""
    names = run.mapped_samples.select_related("sample").order_by("pk")
    computations = [shown_of_computation(run, one) for one in run.computations.all() if one.inputs_digest]
    results = run.results.select_related("sample").order_by("pk")
    covers_controls = run.review_id is None or run.controls is not None
    content = {
        "run": run.pk,
        "state": run.state,
        "method": f"{run.method.code} version {run.method.version}",
        "method_digest": run.method.digest,
        "file": run.file.sha256,
        "instrument": run.instrument.code,
        "analyst": run.analyst.username,
        "measured_at": run.measured_at,
        "reads": [run.signal_read, run.reference_read],
        "findings": run.findings,
        "acceptance": run.acceptance,
        "samples": [
            {
                "instrument_name": name.instrument_name,
                "row": name.row,
                "sample": name.sample.name if name.sample else None,
                "condition": name.condition,
                "left_out": name.left_out,
                "again": name.again,
            }
            for name in names
        ],
        "outcome": digest_of_outcome(run.outcome),
        "kernel_version": run.kernel_version,
        "results": [facts_of_result(result) for result in results],
    }
    if run.plate_scanned:
        content["plate"] = [run.plate_scanned, run.plate_read, run.plate_in_file]
    if computations:
        content["computations"] = computations
    if reagents := reagents_of(run):
        content["reagents"] = [[used.reagent, used.lot.code, used.lot.lot_number] for used in reagents]
    if covers_controls:
        content["controls"] = [standing.facts for standing in controls_of_run(run)]
    return content


def shown_of_computation(run: Run, computation: Computation) -> dict:
    """Beside the last one, which stands with the review, each earlier answer and the wells or rows that it left out."""
    return {
        "number": computation.number,
        "outcome": digest_of_outcome(computation.outcome),
        "second_solver": digest_of_outcome(computation.second_solver),
        "kernel_version": computation.kernel_version,
        "inputs": computation.inputs_digest,
        "masked": [
            [
                masking.well.position if masking.well else masking.place,
                masking.reason,
                masking.by.username,
            ]
            for masking in masked_in(run, number=computation.number).values()
        ],
    }


@signed_row(RESULT.kind, model=Result, moves=MOVES)
def shown_of_result(result: Result) -> dict:
    content = facts_of_result(result) | {"recorded_by": result.recorded_by.username}
    if second := SecondReading.objects.select_related("read_by").filter(result=result).first():
        content["second_reading"] = [second.text, second.read_by.username]
    return content


def facts_of_result(result: Result) -> dict:
    return {
        "result": result.pk,
        "state": result.state,
        "order": result.order_id,
        "sample": result.sample.name,
        "attribute": result.attribute,
        "stage": result.stage,
        "qualifier": result.qualifier,
        "raw_value": result.raw_value,
        "value": result.value,
        "decimals": result.decimals,
        "text": result.text,
        "unit": result.unit,
        "missing": result.missing,
        "notes": result.notes,
        "method": result.method_id,
        "performed_at": result.performed_at,
        "late_entry_reason": result.late_entry_reason,
        "supersedes": result.supersedes_id,
        "reason": result.reason,
    } | ({"retest_of": result.retest_of_id} if result.retest_of_id else {})


def digest_of_outcome(outcome: dict | None) -> str:
    """SHA-256 of the outcome as the database gives it back; it holds floats, which have no canonical JSON."""
    return hashlib.sha256(json.dumps(outcome, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
