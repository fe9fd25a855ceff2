"""The second analyst looks at data and calculation, then signs exactly what was shown or rejects it."""

from collections.abc import Iterable

from assays.attributes import name_of
from assays.models import Result, Run
from assays.selectors import runs_at_work, taken_from
from assays.shown import shown_of_result, shown_of_run
from assays.states import RESULT, RUN, ResultState, RunState
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.records.canonical import digest as digest_of
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.models import Signature
from tilmfg.records.signatures import Credential
from tilmfg.records.states import advance

from .imports import lock_orders
from .recording import supersede
from .trends import notice_trend


class UnableToReview(UnableTo):
    """The review is refused; nothing is signed."""


@verb("assays.run.review", roles=(Role.ANALYST,))
def review_run(*, run: Run, digest: str, credential: Credential, reason: str, by: User) -> Run:
    """The run stands and every result of it is final. `digest` is that of the page the reviewer saw."""
    run = Run.objects.select_for_update(of=("self",)).select_related("analyst").get(pk=run.pk)
    require(
        run.state == RunState.COMPUTED,
        UnableToReview(f"{run} is {run.get_state_display().lower()}; only a computed run is reviewed."),
    )
    lock_orders({result.order_id for result in run.results.all()})
    _require_measured_once(run.results.filter(state=ResultState.RECORDED).select_related("order"))
    _require_own_assays(run)
    meaning = Signature.Meaning.REVIEWED_RESULT
    review = _sign_run(run, meaning, digest=digest, credential=credential, reason=reason, by=by)
    advance(run, machine=RUN, event="assays.run.reviewed", by=by)
    for result in run.results.select_for_update().filter(state=ResultState.RECORDED).order_by("pk"):
        _finalise(result, review=review, by=by)
    return run


@verb("assays.run.reject", roles=(Role.ANALYST,))
def reject_run(*, run: Run, digest: str, credential: Credential, reason: str, by: User) -> Run:
    """The run does not stand: its results are withdrawn and the file may be imported again."""
    run = Run.objects.select_for_update(of=("self",)).select_related("analyst").get(pk=run.pk)
    require(
        run.state in (RunState.COMPUTED, RunState.INVALID),
        UnableToReview(f"{run} is {run.get_state_display().lower()} and cannot be rejected."),
    )
    lock_orders({result.order_id for result in run.results.all()})
    _sign_run(run, Signature.Meaning.REJECTED, digest=digest, credential=credential, reason=reason, by=by)
    for result in run.results.filter(state=ResultState.RECORDED).order_by("pk"):
        supersede(result, because=reason, by=by)
    advance(run, machine=RUN, event="assays.run.rejected", by=by, details={"because": reason})
    return run


@verb("assays.result.review", roles=(Role.ANALYST,))
def review_result(*, result: Result, digest: str, credential: Credential, reason: str, by: User) -> Result:
    """A result entered by form is final."""
    result = (
        Result.objects.select_for_update(of=("self",))
        .select_related("recorded_by", "sample", "method", "second_reading__read_by")
        .get(pk=result.pk)
    )
    require(result.run_id is None, UnableToReview("This result is reviewed with its run."))
    require(
        result.state == ResultState.RECORDED,
        UnableToReview(f"{name_of(result.attribute)} is {result.get_state_display().lower()} already."),
    )
    require(
        result.readings_agree,
        UnableToReview(
            "A second analyst reads it first."
            if result.readings_agree is None
            else "The two readings differ; another result supersedes this one."
        ),
    )
    lock_orders({result.order_id})
    _require_measured_once([result])
    content = shown_of_result(result)
    _require_as_shown(content, digest)
    review = sign(
        subject=result,
        kind=RESULT.kind,
        content=content,
        meaning=Signature.Meaning.REVIEWED_RESULT,
        reason=reason,
        credential=credential,
        parts={"analyst": {result.recorded_by_id}},
        qualifications=(result.method.qualification,),
        by=by,
    )
    _finalise(result, review=review, by=by)
    return result


def analysts_of(run: Run) -> set[int]:
    """Who measured, and who chose which wells count."""
    return {run.analyst_id, *(masking.by_id for masking in run.maskings.all())}


def _sign_run(
    run: Run, meaning: Signature.Meaning, *, digest: str, credential: Credential, reason: str, by: User
) -> Signature:
    content = shown_of_run(run)
    _require_as_shown(content, digest)
    run.controls = content["controls"]
    run.save(update_fields=["controls"])  # before the signature, which covers the row as it stands then
    run.review = review = sign(
        subject=run,
        kind=RUN.kind,
        content=content,
        meaning=meaning,
        reason=reason,
        credential=credential,
        parts={"analyst": analysts_of(run)},
        qualifications=(run.method.qualification,),
        by=by,
    )
    run.reviewed_by = by
    run.save(update_fields=["review", "reviewed_by"])
    return review


def _require_measured_once(results: Iterable[Result]) -> None:
    """A run at work was imported beside a result that nobody had made final, and would find an investigation of it."""
    standing = list(results)
    at_work = runs_at_work(
        {result.order_id for result in standing}, {result.attribute for result in standing}
    )
    for result in standing:
        if other := at_work.get((result.order_id, result.stage)):
            raise UnableToReview(
                f"{name_of(result.attribute)} of {result.order} was measured again: {other} is being computed; "
                "wait for it."
            )


def _require_own_assays(run: Run) -> None:
    """No assay is part of two final results, whichever of two runs is reviewed first."""
    if taken := taken_from(run):
        assay, other = taken
        raise UnableToReview(
            f"The assay of run {assay} is part of the final result of run {other}. Reject {str(run).lower()}; its "
            "file may then be imported again and counts as an assay of its own."
        )


def _require_as_shown(content: dict, digest: str) -> None:
    require(
        digest_of(content) == digest,
        ChangedMeanwhile("This record changed while you looked at it; look again before you sign."),
    )


def _finalise(result: Result, *, review: Signature, by: User) -> None:
    Result.objects.filter(pk=result.pk).update(review=review, reviewed_by=by)
    advance(
        result,
        machine=RESULT,
        event="assays.result.finalised",
        by=by,
        details={"attribute": result.attribute, "stage": result.stage},
    )
    notice_trend(result)
