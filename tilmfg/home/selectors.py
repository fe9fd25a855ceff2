"""What needs a person now, in one query a line."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from assays.selectors import invalid_runs, results_to_review, runs_to_review
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.selectors import locked_accounts
from tilmfg.accounts.standing import due_for_review, unverified_signers
from tilmfg.batches.models import Sample, StepExecution
from tilmfg.batches.states import SampleState, StepState
from tilmfg.facility.selectors import sites_of
from tilmfg.identity.models import Container, TherapyOrder
from tilmfg.identity.states import ContainerState, OrderState
from tilmfg.quality.models import Deviation
from tilmfg.quality.states import DeviationState
from tilmfg.release.models import Disposition, Lot
from tilmfg.release.states import PROVIDABLE, DispositionState, LotState

SOONEST = 12
UNDECIDED = (LotState.EXPANDING, LotState.IN_TESTING, LotState.QA_REVIEW, LotState.ON_HOLD)


@dataclass(frozen=True)
class Task:
    """Something that waits for this person."""

    count: int
    what: str
    url: str
    icon: str


def tasks_for(user):
    """Only what the person's roles let them do, and only what is there to do."""
    return [
        Task(count, singular if count == 1 else plural, reverse(url), icon)
        for role, waiting, singular, plural, url, icon in _waiting(user)
        if user.holds(role) and (count := waiting.count())
    ]


def _waiting(user):
    """(role, what waits, in words for one, for several, where, icon)"""
    orders = TherapyOrder.objects
    own_work = {"performed_by": user}
    due = (due_for_review().exclude(pk=user.pk),
           "account to review", "accounts to review", "account_reviews", "person")  # fmt: skip
    unverified = (unverified_signers().exclude(pk=user.pk),
                  "identity to verify before a first signature", "identities to verify before a first signature",
                  "people", "person")  # fmt: skip
    reviewed = Q(dispositions__state=DispositionState.REVIEWED)
    return (
        (Role.TECHNICIAN, StepExecution.objects.filter(state=StepState.RECORDED).exclude(**own_work),
         "step to verify", "steps to verify", "floor", "eye"),
        (Role.TECHNICIAN, orders.filter(state=OrderState.ORDERED),
         "tumor expected", "tumors expected", "floor", "box"),
        (Role.TECHNICIAN, orders.filter(state=OrderState.RECEIVED, batch=None),
         "tumor waiting for day 0", "tumors waiting for day 0", "floor", "flask"),
        (Role.ANALYST, Sample.objects.filter(state=SampleState.DRAWN),
         "sample to receive", "samples to receive", "laboratory", "vial"),
        (Role.ANALYST, runs_to_review(user), "run to review", "runs to review", "laboratory", "plate"),
        (Role.ANALYST, invalid_runs(),
         "invalid run to be rejected or mended", "invalid runs to be rejected or mended", "laboratory", "cross"),
        (Role.ANALYST, results_to_review(user), "result to review", "results to review", "laboratory", "eye"),
        (Role.QA_REVIEWER, Lot.objects.filter(state=LotState.QA_REVIEW).exclude(reviewed),
         "lot to review", "lots to review", "lots", "shield"),
        (Role.QA_REVIEWER, Deviation.objects.filter(state=DeviationState.OPEN),
         "open deviation", "open deviations", "deviations", "alert"),
        (Role.QA_APPROVER, Disposition.objects.filter(state=DispositionState.REVIEWED),
         "disposition to sign", "dispositions to sign", "lots", "pen"),
        (Role.IDENTITY_ADMINISTRATOR, orders.filter(state=OrderState.STOPPED),
         "order stopped for an identity mismatch", "orders stopped for an identity mismatch", "orders", "stop"),
        (Role.SYSTEM_ADMINISTRATOR, locked_accounts(),
         "account locked after wrong tries", "accounts locked after wrong tries", "people", "lock"),
        (Role.QA_REVIEWER, locked_accounts(),
         "account locked after wrong tries", "accounts locked after wrong tries", "people", "lock"),
        (Role.SYSTEM_ADMINISTRATOR, *due),
        (Role.QA_APPROVER, *due),
        (Role.SYSTEM_ADMINISTRATOR, *unverified),
        (Role.QA_APPROVER, *unverified),
        (Role.SITE, Container.objects.filter(
            kind=Container.Kind.BAG, state=ContainerState.STORED,
            order__site__in=sites_of(user), order__lot__state__in=PROVIDABLE),
         "bag on its way to you", "bags on their way to you", "treatment", "shipper"),
    )  # fmt: skip


def soonest_lots(user):
    """The undecided lots whose patients need them first."""
    if not user.holds(*FACILITY_ROLES):
        return []
    lots = Lot.objects.filter(state__in=UNDECIDED).select_related("order__site")
    return lots.order_by("order__needed_by_date", "id")[:SOONEST]
