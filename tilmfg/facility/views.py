"""Who is of which treatment site, and so sees its patients: said by QA."""

from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.accounts.access import open_to
from tilmfg.accounts.roles import Role
from tilmfg.records.idempotency import once

from . import selectors, services
from .forms import AdmitForm, ReasonForm
from .models import Site, SiteMember

READERS = (*services.QA, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR)


@open_to(*READERS)
def sites(request):
    context = {"sites": selectors.sites_with_members(), "may_admit": request.user.holds(*services.QA)}
    return render(request, "facility/sites.html", context)


@open_to(*services.QA)
@once
def site_admit(request, code):
    site = get_object_or_404(Site, code=code)
    form = AdmitForm(request.POST or None, people=selectors.people_to_admit(site))
    if form.is_valid() and form.attempt(services.admit_to_site, site=site, by=request.user, **form.values):
        return redirect("sites")
    return render(request, "facility/site_admit.html", {"site": site, "form": form}, status=form.status)


@open_to(*services.QA)
@once
def site_dismiss(request, code, username):
    members = SiteMember.objects.select_related("site", "user").filter(until=None)
    member = get_object_or_404(members, site__code=code, user__username=username)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.dismiss_from_site, member=member, by=request.user, **form.values
    ):
        return redirect("sites")
    return render(request, "facility/site_dismiss.html", {"member": member, "form": form}, status=form.status)
