"""What a person may see of the sites."""

from django.db.models import Exists, OuterRef, Prefetch

from tilmfg.accounts.models import RoleGrant, User
from tilmfg.accounts.roles import FACILITY_ROLES, Role

from .models import Site, SiteMember


def sites_of(user):
    """Facility staff see every site; people of a site see theirs; others none."""
    if user.holds(*FACILITY_ROLES):
        return Site.objects.all()
    if user.holds(Role.SITE):
        return Site.objects.filter(members__user=user, members__until=None)
    return Site.objects.none()


def sites_with_members():
    """Every site with the people who see its patients now."""
    members = (
        SiteMember.objects.filter(until=None).select_related("user").order_by("user__printed_name", "pk")
    )
    return Site.objects.order_by("code").prefetch_related(Prefetch("members", members, to_attr="present"))


def people_to_admit(site):
    """Who works at a treatment site and is not of this one."""
    grants = RoleGrant.objects.filter(user=OuterRef("pk"), role=Role.SITE, revoked_at=None)
    here = site.members.filter(until=None).values("user")
    return (
        User.objects.filter(Exists(grants), is_active=True)
        .exclude(pk__in=here)
        .order_by("printed_name", "pk")
    )
