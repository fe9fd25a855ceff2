"""Who somebody of the provider of single sign-on is here: said by an administrator, confirmed by the person."""

from django.conf import settings
from django.db.models.functions import Now

from tilmfg.records.context import acting
from tilmfg.records.errors import ChangedMeanwhile, UnableTo, require
from tilmfg.records.events import publish
from tilmfg.records.reasons import stated

from ..models import ProviderLink, User
from ..proof import CHAIN, KIND, Proof, require_proof
from ..roles import Role
from ..sessions import end_sessions
from ..verbs import verb


class UnableToLink(UnableTo):
    """The person signs in as before."""


@verb("accounts.provider.link", roles=(Role.SYSTEM_ADMINISTRATOR,))
def link_provider(*, user: User, subject: str, reason: str, credential: Proof, by: User) -> ProviderLink:
    """An account that exists, under the identifier that the person saw. It counts once they have proved themselves."""
    require_proof(credential, by, UnableToLink)
    issuer, subject = settings.TILMFG_OIDC.get("ISSUER", ""), subject.strip()
    reason = stated(reason, UnableToLink, what="why the account is linked")
    require(issuer, UnableToLink("No provider of single sign-on is set for this facility."))
    require(user.pk != by.pk, UnableToLink("Another system administrator links your account."))
    require(user.is_active and not user.is_service, UnableToLink(f"{user.printed_name} is not active."))
    require(subject, UnableToLink("Give the identifier that the provider uses.", field="subject"))
    linked = ProviderLink.objects.filter(ended_at=None)
    require(
        not linked.filter(user=user).exists(),
        UnableToLink(f"{user.printed_name} is linked already; end that first."),
    )
    require(
        not linked.filter(issuer=issuer, subject=subject).exists(),
        UnableToLink("This identifier is linked to somebody else.", field="subject"),
    )
    link = ProviderLink.objects.create(user=user, issuer=issuer, subject=subject, linked_by=by)
    details = {"username": user.username, "subject": subject, "reason": reason}
    publish("accounts.provider.linked", subject=user, kind=KIND, chain=CHAIN, by=by, details=details)
    return link


@verb("accounts.provider.unlink", roles=(Role.SYSTEM_ADMINISTRATOR,))
def unlink_provider(*, user: User, reason: str, by: User) -> User:
    reason = stated(reason, UnableToLink, what="why single sign-on ends")
    require(user.pk != by.pk, UnableToLink("Another system administrator does this to your account."))
    ended = user.provider_links.filter(ended_at=None).update(ended_at=Now(), ended_by=by)
    require(ended, ChangedMeanwhile(f"{user.printed_name} is not linked."))
    end_sessions(user)
    details = {"username": user.username, "reason": reason}
    publish("accounts.provider.unlinked", subject=user, kind=KIND, chain=CHAIN, by=by, details=details)
    return user


def confirm_link(*, pk: int, by: User) -> None:
    """The person has come by it and given their own second factor; from now on the provider's may do."""
    with acting(actor=by.username, verb="accounts.provider.confirm"):
        first = by.provider_links.filter(pk=pk, confirmed_at=None, ended_at=None).update(confirmed_at=Now())
        if first:
            publish("accounts.provider.confirmed", subject=by, kind=KIND, chain=CHAIN, by=by)
