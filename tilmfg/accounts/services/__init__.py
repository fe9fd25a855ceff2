"""The verbs about people."""

from .factors import (
    UnableToEnrol,
    UnableToReset,
    add_authenticator,
    issue_recovery_codes,
    reset_authenticator,
)
from .people import (
    UnableToActTogether,
    UnableToUnlock,
    register_user,
    second_person,
    service_account,
    sign_out,
    unlock_user,
)

__all__ = [
    "UnableToActTogether",
    "UnableToEnrol",
    "UnableToReset",
    "UnableToUnlock",
    "add_authenticator",
    "issue_recovery_codes",
    "register_user",
    "reset_authenticator",
    "second_person",
    "service_account",
    "sign_out",
    "unlock_user",
]
