"""People, their roles, what they prove themselves with, and each time they did."""

from .attempts import Attempt, Lock
from .factors import Authenticator, RecoveryCode
from .invitations import Invitation
from .people import RoleGrant, User

__all__ = ["Attempt", "Authenticator", "Invitation", "Lock", "RecoveryCode", "RoleGrant", "User"]
