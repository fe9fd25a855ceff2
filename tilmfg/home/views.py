"""Home, the scan box, and which version runs here."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from tilmfg.validation.versions import running

from . import scanning, selectors, versions

SHOWN = 20


@login_required
def home(request):
    context = {"tasks": selectors.tasks_for(request.user), "lots": selectors.soonest_lots(request.user)}
    return render(request, "home/home.html", context)


@login_required
def about(request):
    context = {"running": running(), "began": versions.begun()[:SHOWN]}
    return render(request, "home/about.html", context)


@login_required
def scan(request):
    text = request.GET.get("scan", "")
    try:
        return redirect(scanning.address_of(text, user=request.user))
    except scanning.UnableToOpen as refusal:
        alike = scanning.orders_like(text, user=request.user)
        return render(request, "home/not_found.html", {"refusal": refusal, "alike": alike}, status=404)
