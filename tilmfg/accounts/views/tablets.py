"""The tablets of the floor: registered where they stand, locked, and unlocked by badge and PIN."""

from urllib.parse import urlencode

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tilmfg.records.idempotency import once

from .. import services
from ..access import open_to, proves_all
from ..forms import ReasonForm
from ..models import Device
from ..own_forms import ChoosePinForm, UnlockForm
from ..people_forms import DeviceForm
from ..proof import prove_badge
from ..roles import Role
from ..sessions import SIGNED_IN_AT
from ..tablets import ON_TABLET, people_present, remember, tablet_of
from .people import READERS
from .signing_in import NO_BADGE, wanted_page


@open_to(*READERS)
def tablets(request):
    context = {
        "tablets": Device.objects.select_related("registered_by", "withdrawn_by").order_by("-id"),
        "here": tablet_of(request),
        "may_administer": request.user.holds(Role.SYSTEM_ADMINISTRATOR),
    }
    return render(request, "accounts/tablets.html", context)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def tablet_register(request):
    """Of the browser that sends this: whoever registers a tablet stands before it."""
    form = DeviceForm(request.POST or None)
    if form.is_valid() and (token := form.attempt(services.register_device, by=request.user, **form.values)):
        response = redirect("tablets")
        remember(response, token)
        return response
    return render(request, "accounts/tablet_register.html", {"form": form}, status=form.status)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def tablet_withdraw(request, pk):
    tablet = get_object_or_404(Device, pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(
        services.withdraw_device, device=tablet, by=request.user, **form.values
    ):
        return redirect("tablets")
    return render(
        request, "accounts/tablet_withdraw.html", {"form": form, "tablet": tablet}, status=form.status
    )


@login_required
@proves_all
@once
def pin_choose(request):
    form = ChoosePinForm(request.POST or None, proof=request.proof)
    if form.is_valid() and form.attempt(services.choose_pin, by=request.user, **form.values):
        messages.success(request, "Your PIN is set. Tell it to nobody.")
        return redirect("account")
    return render(request, "accounts/pin.html", {"form": form}, status=form.status)


@require_POST
def lock(request):
    """The session ends, the person stays known to the tablet; the page is found again."""
    tablet = tablet_of(request)
    if request.user.is_authenticated and tablet and ON_TABLET in request.session:
        services.lock_device(device=tablet, by=request.user)
        auth.logout(request)
    return redirect(f"{reverse('login')}?{urlencode({'next': wanted_page(request)})}")


def unlock(request):
    """A new session of the one who unlocks: it has signed nothing, and ends when theirs would have."""
    tablet, wanted = tablet_of(request), wanted_page(request)
    if tablet is None:
        raise Http404("This is no registered tablet.")
    if request.user.is_authenticated:
        return redirect(wanted)
    form = UnlockForm(request.POST or None)
    if form.is_valid():
        unlocking = prove_badge(device=tablet, **form.cleaned_data)
        if presence := unlocking.presence:
            request.session.flush()
            auth.login(request, presence.user)
            request.session[ON_TABLET] = True
            request.session[SIGNED_IN_AT] = presence.began_at.timestamp()
            return redirect(wanted)
        form.add_error("pin", str(unlocking.refusal))
    context = {
        "form": form,
        "tablet": tablet,
        "present": people_present(tablet),
        "next": wanted,
        "by_password": f"{reverse('login')}?{urlencode({NO_BADGE: 1, 'next': wanted})}",
    }
    return render(request, "accounts/unlock.html", context, status=422 if form.is_bound else 200)
