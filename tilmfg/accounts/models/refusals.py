"""How often somebody was refused a page."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from tilmfg.records.triggers import Guard

from .people import User


class Refusal(models.Model):
    """One person, one address, one minute: a burst is a number, not a thousand events."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)  # nobody: not signed in
    minute = models.DateTimeField()
    method = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=400)
    times = models.PositiveIntegerField(default=1)
    told = models.PositiveIntegerField(default=1)  # of these are on the trail, the first one at once

    audit_exempt = "A counter; the first refusal and the sum of the minute are events of the trail."

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "minute", "method", "address"],
                name="refusals_are_counted_by_the_minute",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(times__gte=F("told"), told__gte=1), name="refusals_are_told_as_they_were"
            ),
        ]
        indexes = [models.Index(fields=["minute"], condition=Q(times__gt=F("told")), name="refusals_to_tell")]
        triggers = [
            Guard(
                name="refusals_are_only_counted_up",
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'times' - 'told' = to_jsonb(OLD) - 'times' - 'told'
                AND NEW.times >= OLD.times AND NEW.told >= OLD.told THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'refusals_are_only_counted_up: what was counted stays' USING ERRCODE = 'GM010';
                """,
            )
        ]
