"""Results out of specification: what was found, what the phases say, the retests; and the end of a phase."""

from django.shortcuts import get_object_or_404, redirect, render

from assays.forms import ConcludePhaseForm
from assays.models import Result
from assays.retests import final_retests, retests_of
from tilmfg.accounts.access import open_to, proves_signer
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.signing import why_not
from tilmfg.quality.models import Investigation
from tilmfg.quality.selectors import conclusions_of
from tilmfg.quality.services import CONCLUDERS, CONCLUSION, conclude_phase, parts_in
from tilmfg.quality.states import InvestigationState
from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.idempotency import once
from tilmfg.records.signature_status import status


@open_to(*FACILITY_ROLES)
def investigation(request, number):
    found = called(number)
    is_concluder = found.is_open and request.user.holds(*CONCLUDERS)
    lack = lack_in(found, by=request.user) if is_concluder else ""
    shown = {"may_conclude": is_concluder and not lack, "lack": lack}
    return render(request, "assays/investigation.html", about(found) | shown)


@open_to(*CONCLUDERS)
@proves_signer
@once
def conclude(request, number):
    found = called(number)
    if not found.is_open:
        return redirect("investigation", number)
    form = ConcludePhaseForm(request.POST or None, proof=request.proof, initial={"phase": found.phase})
    done = {"investigation": found, "retests": final_retests(found), "by": request.user}
    if form.is_valid() and form.attempt(conclude_phase, **form.values, **done):
        return redirect("investigation", number)
    if isinstance(form.refusal, ChangedMeanwhile):
        form.show_anew()
    lack = lack_in(found, by=request.user)
    return render(
        request,
        "assays/investigation_conclude.html",
        about(found) | {"form": form, "lack": lack},
        status=form.status,
    )


def called(number) -> Investigation:
    rows = Investigation.objects.select_related("deviation", "analyst", "reviewer")
    return get_object_or_404(rows, deviation__number=number)


def concluders(found: Investigation) -> tuple[Role, ...]:
    return CONCLUDERS if found.state == InvestigationState.PHASE_ONE else (Role.QA_APPROVER,)


def who_concludes(found: Investigation) -> str:
    return " or ".join(role.label for role in concluders(found))


def lack_in(found: Investigation, *, by: User) -> str:
    """Why somebody who may conclude investigations may not end this phase of this one."""
    if not by.holds(*concluders(found)):
        return f"This phase is signed by: {who_concludes(found)}."
    if any(each.signature and each.signature.signer_id == by.pk for each in conclusions_of(found)):
        return "You ended the phase before this one; another person ends this one."
    return why_not(CONCLUSION, parts=parts_in(found), by=by)


def about(found: Investigation) -> dict:
    results = Result.objects.select_related("sample__order", "method", "run", "recorded_by", "reviewed_by")
    barred = filter(None, parts_in(found)["laboratory"])
    laboratory = User.objects.filter(pk__in=list(barred)).order_by("printed_name", "pk")
    return {
        "concluders": who_concludes(found),
        "laboratory": laboratory if found.is_open else (),
        "investigation": found,
        "deviation": found.deviation,
        "result": results.get(pk=found.result_id),
        "retests": retests_of(found),
        "conclusions": [
            (each, status(each.signature, of=each)) for each in conclusions_of(found) if each.signature
        ],
    }
