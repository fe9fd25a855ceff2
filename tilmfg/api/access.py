"""Who may ask: people of the facility about everything, people of a site about what is theirs."""

from rest_framework.permissions import BasePermission

from tilmfg.accounts.roles import FACILITY_ROLES, Role


class MayLook(BasePermission):
    message = "This is for people of the facility and of treatment sites."

    def has_permission(self, request, view):
        return request.user.is_authenticated and request.user.holds(*FACILITY_ROLES, Role.SITE)
