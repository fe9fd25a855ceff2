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
    UnableToRemove,
    UnableToReset,
    add_authenticator,
    add_passkey,
    issue_recovery_codes,
    remove_passkey,
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
from .provider import UnableToLink, confirm_link, link_provider, unlink_provider
from .statement import UnableToPublish, acknowledge_statement, publish_statement
from .training import TRAINERS, UnableToQualify, give_qualification, revoke_qualification

__all__ = [
    "TRAINERS",
    "UnableToActTogether",
    "UnableToAdminister",
    "UnableToChoosePassword",
    "UnableToEnrol",
    "UnableToLink",
    "UnableToPublish",
    "UnableToQualify",
    "UnableToRemove",
    "UnableToReset",
    "UnableToUnlock",
    "acknowledge_statement",
    "add_authenticator",
    "add_passkey",
    "change_password",
    "choose_password",
    "confirm_link",
    "deactivate_user",
    "give_qualification",
    "grant_role",
    "invite_user",
    "issue_recovery_codes",
    "link_provider",
    "publish_statement",
    "reactivate_user",
    "register_user",
    "remove_passkey",
    "replace_recovery_codes",
    "reset_authenticator",
    "revoke_qualification",
    "revoke_role",
    "second_person",
    "service_account",
    "sign_out",
    "unlink_provider",
    "unlock_user",
]
