"""The verbs about people."""

from .administration import (
    UnableToAdminister,
    deactivate_user,
    grant_role,
    invite_user,
    reactivate_user,
    register_user,
    revoke_role,
)
from .factors import (
    UnableToEnrol,
    UnableToReset,
    add_authenticator,
    issue_recovery_codes,
    replace_recovery_codes,
    reset_authenticator,
)
from .passwords import UnableToChoosePassword, change_password, choose_password
from .people import (
    UnableToActTogether,
    UnableToUnlock,
    second_person,
    service_account,
    sign_out,
    unlock_user,
)
from .statement import UnableToPublish, acknowledge_statement, publish_statement
from .training import TRAINERS, UnableToQualify, give_qualification, revoke_qualification

__all__ = [
    "TRAINERS",
    "UnableToActTogether",
    "UnableToAdminister",
    "UnableToChoosePassword",
    "UnableToEnrol",
    "UnableToPublish",
    "UnableToQualify",
    "UnableToReset",
    "UnableToUnlock",
    "acknowledge_statement",
    "add_authenticator",
    "change_password",
    "choose_password",
    "deactivate_user",
    "give_qualification",
    "grant_role",
    "invite_user",
    "issue_recovery_codes",
    "publish_statement",
    "reactivate_user",
    "register_user",
    "replace_recovery_codes",
    "reset_authenticator",
    "revoke_qualification",
    "revoke_role",
    "second_person",
    "service_account",
    "sign_out",
    "unlock_user",
]
