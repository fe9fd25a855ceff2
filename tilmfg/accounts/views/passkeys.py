"""Passkeys: what the browser is asked at the moment it is needed, and one's own, added and removed."""

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tilmfg.records.idempotency import once

from .. import passkeys, services
from ..access import proves_all
from ..forms import ProvenReasonForm
from ..own_forms import AddPasskeyForm
from ..sessions import ASKED_FOR_PASSKEY, ASKED_OF_PASSKEY, note_asked, still_asked, take_asked
from .signing_in import half_signed_in


@require_POST
def ask(request):
    """Of whoever is signed in, or has given the right password a moment ago, one of their keys."""
    person = request.user if request.user.is_authenticated else half_signed_in(request)[0]
    if person is None:
        raise PermissionDenied("Log in first.")
    options, asked = passkeys.ask_for_one_of(held_by(person))
    note_asked(request.session, ASKED_OF_PASSKEY, asked, person=person)
    return JsonResponse(options)


@login_required
@require_POST
def ask_new(request):
    person = request.user
    options, asked = passkeys.ask_for_new(
        username=person.username, printed_name=person.printed_name, held=held_by(person)
    )
    note_asked(request.session, ASKED_FOR_PASSKEY, asked, person=person)
    return JsonResponse(options)


@login_required
@proves_all
@once
def add(request):
    form = AddPasskeyForm(request.POST or None, proof=request.proof)
    if form.is_valid():
        values = form.values
        asked = still_asked(request.session, ASKED_FOR_PASSKEY, person=request.user)
        answer = passkeys.Answer(values.pop("new_passkey"), asked)
        if added := form.attempt(services.add_passkey, answer=answer, by=request.user, **values):
            take_asked(request.session, ASKED_FOR_PASSKEY, person=request.user)
            messages.success(request, f"The passkey “{added.name}” is yours from now on.")
            return redirect("account")
    context = {"form": form, "origin": settings.TILMFG_ORIGIN}
    return render(request, "accounts/passkey_add.html", context, status=form.status)


@login_required
@proves_all
@once
def remove(request, pk):
    found = get_object_or_404(request.user.passkeys.filter(removed_at=None), pk=pk)
    form = ProvenReasonForm(request.POST or None, proof=request.proof)
    if form.is_valid() and form.attempt(
        services.remove_passkey, passkey=found, by=request.user, **form.values
    ):
        auth.logout(request)
        messages.success(request, f"The passkey “{found.name}” is removed. Log in again.")
        return redirect("login")
    context = {"form": form, "passkey": found}
    return render(request, "accounts/passkey_remove.html", context, status=form.status)


def held_by(person):
    return person.passkeys.filter(removed_at=None).values_list("attested", flat=True)
