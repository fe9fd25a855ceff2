"""Results that are entered by form, and their review."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect

from assays import selectors, services
from assays.attributes import ATTRIBUTES
from assays.forms import ResultForm, SecondReadingForm, SignForm
from assays.models import Result
from assays.retests import investigation_of, why_no_retest
from assays.shown import shown_of_result
from assays.states import RESULT, ResultState
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import why_not
from tilmfg.accounts.training import lack_of
from tilmfg.records.canonical import digest
from tilmfg.records.idempotency import once

from . import show


@open_to(Role.ANALYST)
@once
def result_new(request, name, attribute):
    sample = selectors.sample_called(name)
    method = selectors.form_method_for(attribute)
    if method is None:
        raise Http404("No approved method enters this attribute by form.")
    standing = selectors.standing_result(sample, attribute)
    reported = method.rules.result(attribute)
    investigation = investigation_of(standing)
    form = ResultForm(request.POST or None, reported=reported, standing=standing)
    given = {"sample": sample, "attribute": attribute, "by": request.user}
    if form.is_valid() and form.attempt(services.record_result, **form.values, **given):
        return redirect("sample", sample.name)
    context = {
        "sample": sample,
        "attribute": ATTRIBUTES[attribute],
        "method": method,
        "reported": reported,
        "standing": standing,
        "investigation": investigation,
        "lack": lack_of(request.user, *method.qualifications)
        or why_no_retest(investigation, analyst=request.user),
    }
    return show(request, "assays/result_new.html", context, form=form)


@open_to(Role.ANALYST)
@once
def result_read_again(request, pk):
    """Without the first reading: whoever has seen it does not read for themselves."""
    result = result_by_form(pk)
    form = SecondReadingForm(request.POST or None, reported=result.method.rules.result(result.attribute))
    if form.is_valid() and form.attempt(services.read_again, result=result, **form.values, by=request.user):
        return redirect("result_review", pk)
    context = {
        "result": result,
        "attribute": ATTRIBUTES[result.attribute],
        "lack": lack_of(request.user, *result.method.qualifications),
    }
    return show(request, "assays/result_read_again.html", context, form=form)


@open_to(Role.ANALYST)
@proves_signer
@once
def result_review(request, pk):
    result = result_by_form(pk)
    if result.readings_agree is None and result.state == ResultState.RECORDED:
        return redirect("result_read_again", pk)
    seen = {"digest": digest(shown_of_result(result))}
    form = SignForm(request.POST or None, proof=request.proof, initial=seen)
    if form.is_valid() and form.attempt(
        services.review_result, result=result, **form.values, by=request.user
    ):
        return redirect("sample", result.sample.name)
    context = {
        "result": result,
        "attribute": ATTRIBUTES[result.attribute],
        "lack": why_not(
            RESULT.kind,
            parts={"analyst": {result.recorded_by_id}},
            qualifications=(result.method.qualification,),
            by=request.user,
        ),
    }
    return show(request, "assays/result_review.html", context, form=form)


def result_by_form(pk) -> Result:
    found = Result.objects.select_related(
        "sample__order", "recorded_by", "method", "supersedes", "second_reading__read_by"
    )
    return get_object_or_404(found, pk=pk, run=None)
