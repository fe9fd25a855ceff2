"""What a person may see of the sites."""

from tilmfg.accounts.roles import FACILITY_ROLES, Role

from .models import Site


def sites_of(user):
    """Facility staff see every site; people of a site see theirs; others none."""
    if user.holds(*FACILITY_ROLES):
        return Site.objects.all()
    if user.holds(Role.SITE):
        return Site.objects.filter(members__user=user, members__until=None)
    return Site.objects.none()
