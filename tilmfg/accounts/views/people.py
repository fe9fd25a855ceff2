"""The people of the facility, as system administrators, QA and auditors see them."""

from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.records.idempotency import once

from .. import selectors, services
from ..access import open_to
from ..forms import ReasonForm
from ..models import User
from ..roles import Role

READERS = (Role.SYSTEM_ADMINISTRATOR, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


@open_to(*READERS)
def people(request):
    return render(request, "accounts/people.html", {"people": selectors.people()})


@open_to(*READERS)
def person(request, username):
    found = known_person(username)
    context = {
        "person": found,
        "lock": found.locks.select_related("attempt").filter(unlocked_at=None).first(),
        "grants": found.role_grants.select_related("granted_by").order_by("id"),
        "authenticator": found.authenticators.filter(removed_at=None).first(),
        "attempts": found.attempts.order_by("-id")[:20],
        "may_administer": may_administer(request.user, found),
    }
    return render(request, "accounts/person.html", context)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def person_unlock(request, username):
    return with_reason(request, username, services.unlock_user, "accounts/person_unlock.html")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def person_reset_authenticator(request, username):
    return with_reason(request, username, services.reset_authenticator, "accounts/person_reset.html")


def with_reason(request, username, verb, template):
    """What is done to somebody else's account is done for a reason."""
    found = known_person(username)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(verb, user=found, by=request.user, **form.values):
        return redirect("person", username)
    return render(request, template, {"person": found, "form": form}, status=form.status)


def known_person(username):
    """Service accounts are nobody's to look after here."""
    return get_object_or_404(User, username=username, is_service=False)


def may_administer(user, found):
    return user.holds(Role.SYSTEM_ADMINISTRATOR) and user.pk != found.pk
