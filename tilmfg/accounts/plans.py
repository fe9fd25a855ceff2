"""Signature plans: who must sign what, in which order, and who may not. Data; `signing.sign` holds everybody to it."""

from dataclasses import dataclass

from tilmfg.records.models import Signature

from .roles import Role

Meaning = Signature.Meaning

# What a person did to a record so that they do not sign it too, and how they are told.
PARTS = {
    "author": "You drafted this version; another person approves it.",
    "proposer": "You proposed this value; another person approves it.",
    "opener": "You opened this deviation; another person closes it.",
    "analyst": "You did this measurement; another analyst reviews it.",
    "laboratory": "You measured, masked, read or reviewed this result or a retest; somebody who did not decides.",
    "stopper": "You stopped this order; somebody else lifts the stop.",
    "worker": "You worked on this lot; somebody who did not decides about it.",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One signature: meaning one of these things, by a person with one of these roles."""

    meanings: tuple[Meaning, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The signatures of a kind of record, each by another person, none by who had one of the `barred` parts in it."""

    steps: tuple[Step, ...]
    barred: tuple[str, ...]


QA_APPROVES = Step((Meaning.APPROVED,), (Role.QA_APPROVER,))
ANALYST_REVIEWS = Step((Meaning.REVIEWED_RESULT,), (Role.ANALYST,))

PLANS = {
    "batches.definition": Plan((QA_APPROVES,), barred=("author",)),
    "assays.method": Plan((QA_APPROVES,), barred=("author",)),
    "assays.method_withdrawal": Plan((Step((Meaning.REJECTED,), (Role.QA_APPROVER,)),), barred=()),
    "assays.assigned_value": Plan((QA_APPROVES,), barred=("proposer",)),
    "release.specification": Plan((QA_APPROVES,), barred=("author",)),
    "assays.run": Plan(
        (Step((Meaning.REVIEWED_RESULT, Meaning.REJECTED), (Role.ANALYST,)),), barred=("analyst",)
    ),
    "assays.result": Plan((ANALYST_REVIEWS,), barred=("analyst",)),
    "identity.resumption": Plan((QA_APPROVES,), barred=("stopper",)),
    "quality.deviation": Plan(
        (Step((Meaning.CLOSED,), (Role.QA_REVIEWER, Role.QA_APPROVER)),), barred=("opener", "worker")
    ),
    "quality.conclusion": Plan(
        (Step((Meaning.REVIEWED,), (Role.QA_REVIEWER, Role.QA_APPROVER)), QA_APPROVES), barred=("laboratory",)
    ),
    "release.trail": Plan((Step((Meaning.TRAIL_REVIEWED,), (Role.QA_REVIEWER,)),), barred=("worker",)),
    "release.lot": Plan((Step((Meaning.REVIEWED,), (Role.QA_REVIEWER,)), QA_APPROVES), barred=("worker",)),
}
SIGNING_ROLES = frozenset(role for plan in PLANS.values() for step in plan.steps for role in step.roles)
