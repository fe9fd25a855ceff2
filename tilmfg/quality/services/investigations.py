"""A valid result out of its limit is investigated before anything is measured again.

Phase I asks whether the laboratory erred. If it did, the cause is named with its evidence and the result is invalid; if
not, phase II looks further, with as many retests as the method had planned before anybody saw a value. A retest stands
beside the result and never replaces it, so nothing can be averaged away: the result counts until a cause that can be
assigned, with evidence, has invalidated it. Source: FDA, Investigating Out-of-Specification Test Results (May 2022).
"""

from collections.abc import Collection

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import signed_row
from tilmfg.records.signatures import Credential
from tilmfg.records.states import advance

from ..models import Conclusion, Deviation, Investigation
from ..states import INVESTIGATION
from ..workers import laboratory_of
from .deviations import open_deviation

CONCLUDERS = (Role.QA_REVIEWER, Role.QA_APPROVER)
CONCLUSION = "quality.conclusion"
MEANINGS = {
    Conclusion.Phase.ONE: Signature.Meaning.REVIEWED,
    Conclusion.Phase.TWO: Signature.Meaning.APPROVED,
}


class UnableToConclude(UnableTo):
    """The investigation stands where it stood; nothing is signed."""


@verb("quality.investigation.open", service=True)
def open_investigation(
    *,
    chain: str,
    result_id: int,
    analyst: User,
    reviewer: User | None,
    retests_planned: int,
    title: str,
    description: str,
    by: User,
) -> Investigation:
    """The one investigation of this result, with the deviation it belongs to."""
    known = Investigation.objects.filter(result_id=result_id).first()
    if known:
        return known
    deviation = open_deviation(
        chain=chain,
        subject_kind="assays.result",
        subject_id=result_id,
        kind=Deviation.Kind.OUT_OF_SPECIFICATION,
        title=title,
        description=description,
        by=by,
    )
    investigation = Investigation.objects.create(
        deviation=deviation,
        chain=chain,
        result_id=result_id,
        analyst=analyst,
        reviewer=reviewer,
        retests_planned=retests_planned,
    )
    publish(
        "quality.investigation.opened",
        subject=investigation,
        kind=INVESTIGATION.kind,
        by=by,
        to_state=investigation.state,
        details={"number": deviation.number, "retests planned": retests_planned},
    )
    return investigation


@verb("quality.investigation.conclude", roles=CONCLUDERS)
def conclude_phase(
    *,
    investigation: Investigation,
    phase: int,
    findings: str,
    cause: str = "",
    evidence: str = "",
    retests: int = 0,
    credential: Credential,
    reason: str,
    by: User,
) -> Investigation:
    """The phase that is open, and was when the page was shown, ends. With a `cause` and its `evidence` the result is
    invalid.

    Without, phase I widens into phase II, and phase II confirms the result. `retests`: how many are final.
    """
    investigation = _locked(investigation)
    require(
        phase == investigation.phase,
        ChangedMeanwhile(
            "Another phase is open than when you opened this page. Look at what was found meanwhile before you sign."
        ),
    )
    require(
        phase == Conclusion.Phase.ONE or retests >= investigation.retests_planned,
        UnableToConclude(
            f"{retests} of {investigation.retests_planned} planned retests are final; "
            "phase II is concluded with all of them."
        ),
    )
    _require_words(findings, cause, evidence)
    earlier = list(investigation.conclusions.select_related("signature").order_by("phase"))
    conclusion = Conclusion.objects.create(
        investigation=investigation,
        chain=investigation.chain,
        phase=phase,
        findings=findings.strip(),
        cause=cause.strip(),
        evidence=evidence.strip(),
    )
    conclusion.signature = sign(
        subject=conclusion,
        kind=CONCLUSION,
        content=conclusion_content(conclusion),
        meaning=MEANINGS[investigation.phase],
        reason=reason,
        credential=credential,
        parts=parts_in(investigation),
        earlier=tuple(each.signature for each in earlier if each.signature),
        by=by,
    )
    conclusion.save(update_fields=["signature"])
    advance(
        investigation,
        machine=INVESTIGATION,
        event=f"quality.investigation.{_event(phase, cause)}",
        by=by,
        details={"number": investigation.deviation.number, "cause": conclusion.cause},
    )
    return investigation


@signed_row(CONCLUSION, model=Conclusion, moves=("signature_id",))
def conclusion_content(conclusion: Conclusion) -> dict:
    """What the signature under a phase covers."""
    investigation = conclusion.investigation
    return {
        "deviation": investigation.deviation.number,
        "title": investigation.deviation.title,
        "description": investigation.deviation.description,
        "result": investigation.result_id,
        "retests_planned": investigation.retests_planned,
        "phase": conclusion.phase,
        "findings": conclusion.findings,
        "cause": conclusion.cause,
        "evidence": conclusion.evidence,
    }


def parts_in(investigation: Investigation) -> dict[str, Collection[int | None]]:
    """Who measured, masked, read or reviewed the result, or a retest of it, does not decide about it."""
    opened_with = {investigation.analyst_id, investigation.reviewer_id}
    return {"laboratory": laboratory_of(investigation.result_id) | opened_with}


def _locked(investigation: Investigation) -> Investigation:
    found = (
        Investigation.objects.select_for_update(of=("self",))
        .select_related("deviation")
        .get(pk=investigation.pk)
    )
    require(
        found.is_open,
        UnableToConclude(f"{found.deviation.number} is concluded already: {found.get_state_display()}."),
    )
    return found


def _require_words(findings: str, cause: str, evidence: str) -> None:
    require(
        findings.strip(),
        UnableToConclude("Say what was looked at, and what was found.", field="findings"),
    )
    require(
        bool(cause.strip()) == bool(evidence.strip()),
        UnableToConclude(
            "A result is invalidated by a cause and the evidence for it; give both or neither.",
            field="cause" if evidence.strip() else "evidence",
        ),
    )


def _event(phase: int, cause: str) -> str:
    if cause.strip():
        return "invalidated"
    return "widened" if phase == Conclusion.Phase.ONE else "confirmed"
