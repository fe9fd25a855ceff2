"""One's own account: the password, the recovery codes, and how one first comes to them."""

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render

from tilmfg.records.idempotency import once

from .. import services
from ..access import proves_signer
from ..addresses import throttled
from ..forms import SigningForm
from ..own_forms import ChangePasswordForm, InvitedForm
from ..proof import prove_invited
from ..sessions import show_once, shown_once
from ..standing import standing_of

CODES = "new_recovery_codes"


@login_required
def account(request):
    badge = request.user.badges.filter(withdrawn_at=None).first()
    context = {
        "badge": badge,
        "has_pin": bool(badge and badge.pins.filter(replaced_at=None).exists()),
        "authenticator": request.user.authenticators.filter(removed_at=None).first(),
        "passkeys": request.user.passkeys.filter(removed_at=None).order_by("id"),
        "codes_left": request.user.recovery_codes.filter(spent_at=None).count(),
        "standing": standing_of(request.user),
        "attempts": request.user.attempts.order_by("-id")[:20],
    }
    return render(request, "accounts/account.html", context)


@login_required
@proves_signer
@once
def password_change(request):
    form = ChangePasswordForm(request.POST or None, proof=request.proof)
    if form.is_valid() and form.attempt(services.change_password, by=request.user, **form.values):
        auth.logout(request)
        messages.success(request, "Your password is changed. Log in with the new one.")
        return redirect("login")
    return render(request, "accounts/password.html", {"form": form}, status=form.status)


@login_required
@proves_signer
@once
def recovery_codes_issue(request):
    form = SigningForm(request.POST or None, proof=request.proof)
    if form.is_valid() and (
        issued := form.attempt(services.replace_recovery_codes, by=request.user, **form.values)
    ):
        show_once(request.session, CODES, " ".join(issued))
        return redirect("recovery_codes")
    return render(request, "accounts/recovery_codes_issue.html", {"form": form}, status=form.status)


@login_required
def recovery_codes(request):
    """Shown once; whoever opens the page again finds nothing on it."""
    issued = shown_once(request.session, CODES).split()
    if not issued:
        return redirect("account")
    return render(
        request, "accounts/recovery_codes.html", {"recovery_codes": issued, "next": "/accounts/me/"}
    )


@throttled
def invited(request):
    """Whoever was handed an invitation chooses a password; then they sign in like everybody else."""
    form = InvitedForm(request.POST or None)
    if form.is_valid():
        name, words = form.cleaned_data["username"], form.cleaned_data["invitation"]
        proof = prove_invited(name=name, words=words)  # before the verb: it stays on record if that refuses
        if form.attempt(services.choose_password, password=form.cleaned_data["new_password"], proof=proof):
            messages.success(request, "Your password is set. Log in with it.")
            return redirect("login")
    return render(request, "accounts/invited.html", {"form": form}, status=form.status)
