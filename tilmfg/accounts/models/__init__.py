"""People, their roles and training, what others vouch for, what they prove themselves with, and each time they did."""

from .attempts import Attempt, Lock
from .factors import Authenticator, Passkey, RecoveryCode
from .floor import Badge, Device, Pin, Presence
from .invitations import Invitation
from .people import RoleGrant, User
from .provider import ProviderLink
from .refusals import Refusal
from .standing import AccountReview, IdentityVerification
from .training import Acknowledgement, Qualification, Statement

__all__ = [
    "AccountReview",
    "Acknowledgement",
    "Attempt",
    "Authenticator",
    "Badge",
    "Device",
    "IdentityVerification",
    "Invitation",
    "Lock",
    "Passkey",
    "Pin",
    "Presence",
    "ProviderLink",
    "Qualification",
    "RecoveryCode",
    "Refusal",
    "RoleGrant",
    "Statement",
    "User",
]
