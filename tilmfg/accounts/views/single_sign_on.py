"""Single sign-on: to the provider and back. It stands for the password at the door, and for nothing else."""

import secrets
import time

import structlog
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from .. import provider
from ..models import ProviderLink
from ..proof import begin_by_provider
from .signing_in import note_half, open_session, wanted_page

ASKED, ASKED_SECONDS = "asked_of_provider", 600

log = structlog.get_logger()


def begin(request):
    require_provider()
    wanted = wanted_page(request)
    if request.user.is_authenticated:
        return redirect(wanted)
    try:
        address, asked = provider.question(redirect_uri=way_back())
    except provider.UnableToSignOn as problem:
        return refused(request, problem)
    request.session[ASKED] = asked | {"at": time.time(), "next": wanted}
    return redirect(address)


def back(request):
    require_provider()
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    asked = request.session.pop(ASKED, None)
    try:
        code = code_in(request, asked)
        named = provider.named_by(code=code, asked=asked, redirect_uri=way_back())
        link, proof = tried(named)
    except provider.UnableToSignOn as problem:
        return refused(request, problem)
    if not proof.is_accepted:
        messages.error(request, str(proof.refusal))
        return redirect("login")
    if is_complete(named, link):
        open_session(request, proof.person)
        return redirect(asked["next"])
    note_half(request, proof.person, asked["next"], link=link.pk)
    return redirect("login_code")


def code_in(request, asked):
    """The provider's answer, if this browser was sent to ask for it and the question is young."""
    state = request.GET.get("state", "")
    begun = asked and time.time() - asked["at"] <= ASKED_SECONDS
    if not begun or not secrets.compare_digest(state.encode(), asked["state"].encode()):
        raise provider.UnableToSignOn(
            "This single sign-on was not begun in this browser, or is over, or took too long. Begin again."
        )
    if request.GET.get("iss", settings.TILMFG_OIDC["ISSUER"]) != settings.TILMFG_OIDC["ISSUER"]:
        raise provider.UnableToSignOn("Somebody else than the provider answered. Begin again.")
    if not request.GET.get("code"):
        raise provider.UnableToSignOn(
            "The provider let nobody in. Begin again, or log in with your password."
        )
    return request.GET["code"]


def tried(named):
    """On record, whoever it is."""
    links = ProviderLink.objects.select_related("user").filter(ended_at=None)
    link = links.filter(issuer=named.issuer, subject=named.subject).first()
    proof = begin_by_provider(
        person=link.user if link else None, complete=bool(link and is_complete(named, link))
    )
    if link is None:
        raise provider.UnableToSignOn(
            "Single sign-on knows you, but nobody here is linked to you. "
            f"Read this identifier to a system administrator: {named.subject}"
        )
    if proof.is_accepted and not link.user.is_enrolled:
        raise provider.UnableToSignOn(
            "You have no authenticator yet. Log in with your password once to set it up."
        )
    return link, proof


def is_complete(named, link):
    """The provider's second factor counts where the facility says so, and the person has shown their own once."""
    return named.with_factor and link.confirmed_at is not None and link.user.is_enrolled


def way_back():
    return settings.TILMFG_ORIGIN + reverse("single_sign_on_back")


def require_provider():
    if not settings.TILMFG_OIDC:
        raise Http404("No provider of single sign-on is set.")


def refused(request, problem):
    if problem.__cause__:  # for whoever looks after the provider; the words are for the person
        log.warning("single_sign_on.refused", exc_info=problem.__cause__)
    messages.error(request, str(problem))
    return redirect("login")
