"""People and their roles. Nobody is ever deleted; who leaves is deactivated."""

from functools import cached_property

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from ..guards import LACK_OF_SIGNER
from ..roles import Role

SERVICE_ACCOUNT = "celery"


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username):
        """Names are stored in lower case; typing `Olga` finds `olga`."""
        return self.get(username=username.strip().lower())

    def service_account(self):
        """Whom automation acts as."""
        return self.get(username=SERVICE_ACCOUNT)


class User(AbstractBaseUser):
    """A person, or a named service account that automation acts as."""

    username = models.CharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(r"\A[a-z][a-z0-9._-]+\Z", "Use lower-case letters, digits, dot, dash, underscore.")
        ],
    )
    printed_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)
    # Part of what a session is bound to: raised, it ends all of the person's sessions with their next request.
    session_epoch = models.PositiveIntegerField(default=1, db_default=1)
    recorded_at = RecordedAt()

    lack_of_signer = LACK_OF_SIGNER
    last_login = None  # a counter that would need an actor and a reason at every login; sign-ins are events
    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(username=models.functions.Lower("username")), name="usernames_are_lower_case"
            ),
            models.CheckConstraint(condition=~Q(printed_name=""), name="people_have_a_printed_name"),
        ]
        triggers = [Audited(facility="accounts", moved_by_verbs=["session_epoch"], digested=["password"])]

    def __str__(self):
        return self.printed_name

    def _get_session_auth_hash(self, secret=None):
        text = f"{self.session_epoch}\n{self.password}"
        return salted_hmac("tilmfg.accounts.session", text, secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def roles(self):
        """The roles held now, read once per instance."""
        return frozenset(self.role_grants.filter(revoked_at=None).values_list("role", flat=True))

    def holds(self, *roles):
        """Whether the person holds any of these roles now."""
        return self.is_active and not self.roles.isdisjoint(roles)

    @property
    def state(self):
        """As pages name it; a list annotates `locked` for all its people at once."""
        if not self.is_active:
            return "inactive"
        locked = self.locked if hasattr(self, "locked") else self.is_locked
        return "locked" if locked else "active"

    @property
    def is_locked(self):
        return self.locks.filter(unlocked_at=None).exists()

    @property
    def has_passkey(self):
        return self.passkeys.filter(removed_at=None).exists()

    @property
    def role_names(self):
        return ", ".join(sorted(Role(role).label for role in self.roles))


class RoleGrant(models.Model):
    """One person was given one role, by whom and when, and until when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30, choices=Role.choices)
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    granted_at = RecordedAt()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(revoked_at=None), name="one_grant_of_a_role_at_a_time"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grants_name_a_known_role"),
        ]
        triggers = [
            Audited(facility="accounts"),
            Guard(
                name="administrators_do_no_gxp_work",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NEW.revoked_at IS NULL AND EXISTS (
                    SELECT FROM accounts_rolegrant held
                    WHERE held.user_id = NEW.user_id AND held.revoked_at IS NULL AND held.id <> NEW.id
                    AND (held.role = 'system_administrator') <> (NEW.role = 'system_administrator')
                    AND 'auditor' NOT IN (held.role, NEW.role))
                THEN RAISE EXCEPTION 'administrators_do_no_gxp_work: nobody administers the system and works on records'
                    USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
