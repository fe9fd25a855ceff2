"""From a name to a session, in two halves, and its end. Nobody is signed in before both."""

import time
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .. import codes
from ..access import factor_in
from ..addresses import throttled
from ..models import ProviderLink, User
from ..own_forms import CodeForm, SignInFactorForm, SignInForm
from ..proof import begin_sign_in, complete_sign_in
from ..services import (
    UnableToEnrol,
    add_authenticator,
    begin_presence,
    confirm_link,
    end_presence,
    sign_out,
)
from ..tablets import ON_TABLET, people_present, tablet_of

NO_BADGE = "no_badge"  # asked for on the lock screen by who has no badge with them
HALF, HALF_SECONDS, NEW_SECRET = "half_signed_in", 300, "new_secret"


@throttled
def login(request):
    wanted = wanted_page(request)
    if request.user.is_authenticated:
        return redirect(wanted)
    if request.method == "GET" and NO_BADGE not in request.GET and is_locked_tablet(request):
        return redirect(f"{reverse('unlock')}?{urlencode({'next': wanted})}")
    form = SignInForm(request.POST or None)
    if form.is_valid():
        name, password = form.cleaned_data["username"], form.cleaned_data["password"]
        proof = begin_sign_in(name=name, password=password)
        if (person := proof.person) and proof.is_accepted:
            note_half(request, person, wanted)
            return redirect("login_code" if person.is_enrolled else "enrol")
        form.add_error(None, str(proof.refusal))
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "has_provider": bool(settings.TILMFG_OIDC),
    }
    return render(request, "accounts/login.html", context, status=422 if form.is_bound else 200)


@throttled
def login_code(request):
    person, wanted = half_signed_in(request)
    if person is None:
        return redirect(elsewhere(request))
    form = SignInFactorForm(request.POST or None, takes_passkey=person.has_passkey)
    if form.is_valid():
        link = request.session[HALF]["link"]
        proof = complete_sign_in(person=person, by_provider=bool(link), **factor_in(request, person))
        if proof.is_accepted:
            if link:
                confirm_link(pk=link, by=person)
            open_session(request, proof.person)
            return redirect(wanted)
        form.add_error("one_time_code", str(proof.refusal))
    context = {"form": form, "person": person}
    return render(request, "accounts/login_code.html", context, status=422 if form.is_bound else 200)


def enrol(request):
    """The first sign-in, and the first after the authenticator was removed: nothing else opens before."""
    person, wanted = half_signed_in(request)
    if person is None or person.is_enrolled or person.is_locked or request.session[HALF]["link"]:
        return redirect(elsewhere(request))
    sealed = request.session.setdefault(NEW_SECRET, codes.new_secret())
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            recovery_codes = add_authenticator(
                sealed=sealed, code=form.cleaned_data["one_time_code"], by=person
            )
        except UnableToEnrol as refusal:
            form.add_error("one_time_code", str(refusal))
        else:
            open_session(request, person)
            context = {"recovery_codes": recovery_codes, "next": wanted}
            return render(request, "accounts/recovery_codes.html", context)
    context = {
        "form": form,
        "person": person,
        "picture": codes.picture_of(codes.address_of(sealed, username=person.username)),
        "typed_secret": codes.typed_secret(sealed),
    }
    return render(request, "accounts/enrol.html", context, status=422 if form.is_bound else 200)


@require_POST
def logout(request):
    if request.user.is_authenticated:
        if tablet := tablet_of(request):
            end_presence(device=tablet, by=request.user)
        sign_out(by=request.user)
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def note_half(request, person, wanted, *, link=None):
    """The first half is done: by password, or by the provider that `link` names."""
    request.session.flush()
    request.session[HALF] = {
        "person": person.pk,
        "bound_to": person.get_session_auth_hash(),
        "at": time.time(),
        "next": wanted,
        "link": link,
    }


def half_signed_in(request):
    """Who did the first half in this browser within the last minutes, and where they were going.

    What ends a person's sessions ends this, too: another password may have been chosen because the first half was done
    by somebody else.
    """
    half = request.session.get(HALF)
    if not half or time.time() - half["at"] > HALF_SECONDS:
        return None, ""
    if half["link"] and not ProviderLink.objects.filter(pk=half["link"], ended_at=None).exists():
        return None, ""
    person = User.objects.filter(pk=half["person"], is_active=True).first()
    if person is None or half.get("bound_to") != person.get_session_auth_hash():
        return None, ""
    return person, half["next"]


def elsewhere(request):
    return settings.LOGIN_REDIRECT_URL if request.user.is_authenticated else "login"


def open_session(request, person):
    request.session.flush()
    auth.login(request, person)
    tablet = tablet_of(request)
    if tablet and begin_presence(device=tablet, by=person):
        request.session[ON_TABLET] = True


def is_locked_tablet(request):
    """Somebody logged in here and is expected back."""
    tablet = tablet_of(request)
    return bool(tablet and people_present(tablet))


def wanted_page(request):
    """Where the person was going; never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed else resolve_url(settings.LOGIN_REDIRECT_URL)
