"""What a second analyst read of the same slide, without having seen the first reading."""

import pgtrigger
from django.db import models

from tilmfg.accounts.guards import by_qualified
from tilmfg.identity.models import TherapyOrder
from tilmfg.records.fields import RecordedAt
from tilmfg.records.triggers import Audited, Guard, SameOrder, append_only

from .methods import PERSON
from .results import Result


class SecondReading(models.Model):
    """Of a result whose method asks for one. Where it differs from the first the result is never final."""

    order = models.ForeignKey(TherapyOrder, models.PROTECT, related_name="+")
    result = models.OneToOneField(Result, models.PROTECT, related_name="second_reading")
    text = models.CharField(max_length=80)
    read_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    recorded_at = RecordedAt()

    class Meta:
        triggers = [
            Audited(order="order"),
            SameOrder("result"),
            append_only(),
            by_qualified(
                "read_by_id",
                name="second_readings_are_made_by_qualified_people",
                code="SELECT 'method: ' || m.code || ', version ' || m.version FROM assays_result r "
                "JOIN assays_method m ON m.id = r.method_id WHERE r.id = NEW.result_id",
            ),
            Guard(
                name="second_readings_are_made_by_another",
                operation=pgtrigger.Insert,
                func="""
                PERFORM FROM assays_result r WHERE r.id = NEW.result_id AND r.state = 'recorded'
                    AND r.recorded_by_id <> NEW.read_by_id FOR SHARE;
                IF NOT FOUND
                THEN RAISE EXCEPTION 'second_readings_are_made_by_another: the same person, or not to be read again'
                    USING ERRCODE = 'GM012';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"Second reading of {self.result.attribute_name}: {self.text}"

    @property
    def chain(self):
        return f"order:{self.order_id}"
