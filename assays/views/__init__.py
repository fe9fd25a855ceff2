"""The pages of the laboratory. Analysts work here, QA and auditors read."""

from django.shortcuts import render

from tilmfg.accounts.roles import Role

READERS = (Role.ANALYST, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)


def show(request, template, context, *, form=None):
    """The page; a form that was sent and comes back was refused."""
    context = context | {"form": form, "is_analyst": request.user.holds(Role.ANALYST)}
    return render(request, template, context, status=200 if form is None else form.status)
