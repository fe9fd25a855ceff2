"""From a name to a session, and its end."""

from django.conf import settings
from django.contrib import auth
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ..forms import SignInForm
from ..proof import prove_at_sign_in
from ..services import sign_out


@never_cache
def login(request):
    if request.user.is_authenticated:
        return redirect(wanted_page(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        proof = prove_at_sign_in(name=form.cleaned_data["username"], password=form.cleaned_data["password"])
        if proof.is_accepted:
            auth.login(request, proof.person)
            return redirect(wanted_page(request))
        form.add_error(None, str(proof.refusal))
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", "")}
    return render(request, "accounts/login.html", context, status=422 if form.is_bound else 200)


@require_POST
def logout(request):
    if request.user.is_authenticated:
        sign_out(by=request.user)
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def wanted_page(request):
    """Where the person was going; never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed else resolve_url(settings.LOGIN_REDIRECT_URL)
