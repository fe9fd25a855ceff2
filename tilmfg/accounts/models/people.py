"""People and their roles. Nobody is ever deleted; who leaves is deactivated."""

from functools import cached_property

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard

from ..guards import LACK_OF_SIGNER
from ..roles import Role

SERVICE_ACCOUNT = "celery"
NOBODY = "(not signed in)"  # the actor of a try that nobody signed in made; no user name looks so
# What such a try writes: itself, what it spent, the lock that it ended in, and that it was refused.
WRITTEN_BY_NOBODY = (
    "accounts_attempt",
    "accounts_authenticator",
    "accounts_lock",
    "accounts_passkey",
    "accounts_recoverycode",
    "records_event",
)


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
    nobody, written_by_nobody = NOBODY, WRITTEN_BY_NOBODY
    last_login = None  # a counter that would need an actor and a reason at every login; sign-ins are events
    objects = UserManager()
    USERNAME_FIELD = "username"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z][a-z0-9._-]+$"), name="usernames_are_plain"
            ),  # no letter of another script that looks like one of these
            models.CheckConstraint(condition=~Q(printed_name=""), name="people_have_a_printed_name"),
        ]
        triggers = [
            Audited(facility="accounts", moved_by_verbs=["session_epoch"], digested=["password"]),
            Guard(
                name="user_names_are_never_given_to_another",
                operation=pgtrigger.Update,
                func="""
                IF (NEW.username, NEW.is_service) <> (OLD.username, OLD.is_service) THEN
                    RAISE EXCEPTION 'user_names_are_never_given_to_another: the trail calls this person so'
                        USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

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
    def is_enrolled(self):
        """There is a second factor to ask for."""
        return self.has_passkey or self.authenticators.filter(removed_at=None).exists()

    @property
    def role_names(self):
        return ", ".join(sorted(Role(role).label for role in self.roles))


# Each person has two places beside each other on a line, one for administering the system and one for all work on
# records, and a gap to the next person. An exclusion constraint holds against grants that are written at once, too.
_SIDE = models.Func(
    template="int8range(user_id * 4 + (role = 'system_administrator')::int, "
    "user_id * 4 + (role = 'system_administrator')::int + 1)",
    output_field=BigIntegerRangeField(),
)


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
            models.CheckConstraint(
                condition=~Q(granted_by=F("user")), name="nobody_grants_themselves_a_role"
            ),
            ExclusionConstraint(
                name="administrators_do_no_gxp_work",
                expressions=[(_SIDE, RangeOperators.ADJACENT_TO)],
                condition=Q(revoked_at=None) & ~Q(role=Role.AUDITOR),
            ),
        ]
        triggers = [
            Audited(facility="accounts"),
            Guard(
                name="roles_are_granted_by_who_may",
                operation=pgtrigger.Insert,
                declare="broken text;",
                func="""
                broken := (SELECT CASE
                    WHEN count(*) = 0 THEN 'nobody grants in the name of another'
                    WHEN NOT bool_or(by.is_active) THEN 'not somebody who may'
                    WHEN bool_or(by.is_service) AND NOT EXISTS (SELECT FROM accounts_user u
                        WHERE u.id = NEW.user_id AND u.recorded_at >= transaction_timestamp())
                        THEN 'the program grants to whom it registers, and to nobody else'
                    WHEN NOT bool_or(by.is_service) AND NOT EXISTS (SELECT FROM accounts_rolegrant g
                        WHERE g.user_id = NEW.granted_by_id AND g.revoked_at IS NULL
                        AND g.role = 'system_administrator')
                        THEN 'not somebody who may'
                END FROM accounts_user by
                WHERE by.id = NEW.granted_by_id AND by.username = current_setting('audit.actor', true));
                IF broken IS NOT NULL THEN
                    RAISE EXCEPTION 'roles_are_granted_by_who_may: %', broken USING ERRCODE = 'GM013';
                END IF;
                RETURN NEW;
                """,
            ),
            Guard(
                name="grants_are_revoked_once",
                operation=pgtrigger.Update,
                func="""
                IF OLD.revoked_at IS NOT NULL
                    OR to_jsonb(NEW) - 'revoked_at' IS DISTINCT FROM to_jsonb(OLD) - 'revoked_at'
                THEN RAISE EXCEPTION 'grants_are_revoked_once: grant the role anew' USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]
