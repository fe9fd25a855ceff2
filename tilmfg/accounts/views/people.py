"""The people of the facility, as system administrators, QA and auditors see them."""

from django.conf import settings
from django.shortcuts import get_object_or_404, redirect, render

from tilmfg.records.errors import ChangedMeanwhile
from tilmfg.records.idempotency import once
from tilmfg.shell.paging import page_along

from .. import codes, selectors, services
from ..access import open_to, proves_signer
from ..forms import ProvenReasonForm, ReasonForm
from ..models import User
from ..people_forms import GrantForm, LinkForm, PeopleForm, RegisterForm, RevokeForm, UnlockUserForm
from ..roles import VOUCHERS, Role, may_unlock
from ..sessions import show_once, shown_once
from ..standing import Term, standing_of

READERS_OF_TRAINING = (Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)
READERS = (Role.SYSTEM_ADMINISTRATOR, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)
INVITATION, BADGE = "invitation_of_{}", "badge_of_{}"


@open_to(*READERS)
def people(request):
    search = PeopleForm(request.GET)
    wanted = search.wanted
    page = page_along(selectors.people(**wanted), request.GET, *selectors.BY_NAME)
    context = {
        "search": search,
        "page": page,
        "chosen": "active" if wanted["active"] else "inactive",
        "rows": [(person, Term(person.counted_from)) for person in page],
        "may_see_training": request.user.holds(*READERS_OF_TRAINING),
        "may_register": request.user.holds(Role.SYSTEM_ADMINISTRATOR),
    }
    return render(request, "accounts/people.html", context)


@open_to(*READERS)
def person(request, username):
    found = known_person(username)
    new_badge = shown_once(request.session, BADGE.format(found.pk))
    context = {
        "person": found,
        "lock": lock_of(found),
        "grants": found.role_grants.select_related("granted_by").order_by("id"),
        "authenticator": found.authenticators.filter(removed_at=None).first(),
        "passkeys": found.passkeys.filter(removed_at=None).order_by("id"),
        "link": found.provider_links.filter(ended_at=None).first(),
        "attempts": found.attempts.order_by("-id")[:20],
        "standing": standing_of(found),
        "may_vouch": request.user.holds(*VOUCHERS) and request.user.pk != found.pk,
        "may_administer": may_administer(request.user, found),
        "has_provider": bool(settings.TILMFG_OIDC),
        "invitation": shown_once(request.session, INVITATION.format(found.pk)),
        "badge": found.badges.select_related("issued_by").filter(withdrawn_at=None).first(),
        "may_unlock": may_unlock(found),
        "new_badge": new_badge,
        "new_badge_picture": codes.picture_of(new_badge) if new_badge else "",
    }
    return render(request, "accounts/person.html", context)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_register(request):
    form = RegisterForm(request.POST or None, proof=request.proof)
    if form.is_valid() and (user := form.attempt(services.register_user, by=request.user, **form.values)):
        return redirect("person", user.username)
    return render(request, "accounts/person_register.html", {"form": form}, status=form.status)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_invite(request, username):
    found = known_person(username)
    form = ProvenReasonForm(request.POST or None, proof=request.proof)
    if form.is_valid():
        words = form.attempt(services.invite_user, user=found, by=request.user, **form.values)
        if words:
            show_once(request.session, INVITATION.format(found.pk), words)
            return redirect("person", username)
    return asked(request, found, form, "invite")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def badge_issue(request, username):
    found = known_person(username)
    form = ProvenReasonForm(request.POST or None, proof=request.proof)
    if form.is_valid():
        code = form.attempt(services.issue_badge, user=found, by=request.user, **form.values)
        if code:
            show_once(request.session, BADGE.format(found.pk), code)
            return redirect("person", username)
    return asked(request, found, form, "badge")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def badge_withdraw(request, username):
    return with_reason(request, username, services.withdraw_badge, "badge_back")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_unlock(request, username):
    found = known_person(username)
    lock = lock_of(found)
    form = UnlockUserForm(request.POST or None, proof=request.proof, initial={"lock": lock.pk if lock else 0})
    if form.is_valid() and form.attempt(services.unlock_user, user=found, by=request.user, **form.values):
        return redirect("person", username)
    if isinstance(form.refusal, ChangedMeanwhile):
        form.show_anew()
    return asked(request, found, form, "unlock", lock=lock)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_reset_authenticator(request, username):
    form = ProvenReasonForm(request.POST or None, proof=request.proof)
    return with_reason(request, username, services.reset_authenticator, "reset", form)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_link(request, username):
    found = known_person(username)
    form = LinkForm(request.POST or None, proof=request.proof)
    if form.is_valid() and form.attempt(services.link_provider, user=found, by=request.user, **form.values):
        return redirect("person", username)
    return asked(request, found, form, "link")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def person_unlink(request, username):
    return with_reason(request, username, services.unlink_provider, "unlink")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def person_deactivate(request, username):
    return with_reason(request, username, services.deactivate_user, "deactivate")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def person_reactivate(request, username):
    form = ProvenReasonForm(request.POST or None, proof=request.proof)
    return with_reason(request, username, services.reactivate_user, "reactivate", form)


@open_to(Role.SYSTEM_ADMINISTRATOR)
@proves_signer
@once
def role_grant(request, username):
    found = known_person(username)
    missing = [role for role in Role if role not in found.roles]
    form = GrantForm(request.POST or None, roles=missing, proof=request.proof)
    if form.is_valid() and form.attempt(services.grant_role, user=found, by=request.user, **form.values):
        return redirect("person", username)
    return asked(request, found, form, "grant")


@open_to(Role.SYSTEM_ADMINISTRATOR)
@once
def role_revoke(request, username):
    found = known_person(username)
    form = RevokeForm(request.POST or None, roles=sorted(found.roles))
    if form.is_valid() and form.attempt(services.revoke_role, user=found, by=request.user, **form.values):
        return redirect("person", username)
    return asked(request, found, form, "revoke")


def with_reason(request, username, verb, what, form=None):
    """What is done to somebody else's account is done for a reason."""
    found = known_person(username)
    form = form or ReasonForm(request.POST or None)
    if form.is_valid() and form.attempt(verb, user=found, by=request.user, **form.values):
        return redirect("person", username)
    return asked(request, found, form, what)


def asked(request, found, form, what, **shown):
    heading, consequence, submit, icon = WORDS[what]
    context = {
        "person": found,
        "form": form,
        "heading": heading.format(found.printed_name),
        "consequence": consequence,
        "submit": submit,
        "icon": icon,
        **shown,
    }
    return render(request, "accounts/person_action.html", context, status=form.status)


# What is asked, what will happen, the button, its icon.
WORDS = {
    "verify": ("Verify the identity of {}", "They and the original document are before you, the picture is theirs and "
               "the name is the one above. From then on what they sign is theirs.", "I saw both", "eye"),
    "invite": ("Invite {}", "They choose a new password with words that you hand over in person; what they had "
               "stays valid until then.", "Invite", "pen"),
    "badge": ("Issue a badge to {}", "With it and a PIN of their own they unlock a tablet on which they logged in that "
              "day; it signs nothing. A badge that they had counts no more.", "Issue the badge", "scan"),
    "badge_back": ("Withdraw the badge of {}", "It opens nothing any more, and every session of theirs ends at once.",
                   "Withdraw it", "cross"),
    "unlock": ("Unlock {}", "Ask the person first: somebody else may have tried.", "Unlock", "lock"),
    "reset": ("Reset the authenticator of {}", "Their app, passkeys and recovery codes count no more, every session "
              "of theirs ends at once, and they set up a new app at the next sign-in.", "Reset", "back"),
    "link": ("Link {} to single sign-on", "Whoever the provider names so is this person here. The first time, they "
             "also prove it with their own code or passkey.", "Link", "lock"),
    "unlink": ("End single sign-on of {}", "They log in with password and code as before, and every session of "
               "theirs ends at once.", "End it", "cross"),
    "deactivate": ("Deactivate {}", "They can prove nothing with this account any more, and every session of theirs "
                   "ends at once. What they did stays theirs.", "Deactivate", "pause"),
    "reactivate": ("Reactivate {}", "They sign in again as before, with the roles that were not revoked.",
                   "Reactivate", "check"),
    "grant": ("Give a role to {}", "Nobody both administers the system and works on its records.",
              "Give the role", "plus"),
    "revoke": ("Revoke a role of {}", "Its pages close and every session of theirs ends at once.",
               "Revoke the role", "cross"),
}  # fmt: skip


def known_person(username):
    """Service accounts are nobody's to look after here."""
    return get_object_or_404(User, username=username, is_service=False)


def lock_of(found):
    return found.locks.select_related("attempt").filter(unlocked_at=None).first()


def may_administer(user, found):
    return user.holds(Role.SYSTEM_ADMINISTRATOR) and user.pk != found.pk
