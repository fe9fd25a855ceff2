"""People, their roles, and how they proved who they are."""

from .attempts import Attempt, Lock
from .people import RoleGrant, User

__all__ = ["Attempt", "Lock", "RoleGrant", "User"]
