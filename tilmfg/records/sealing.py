"""What the database itself demands of a signature, and of an event, whoever writes the row and by whatever means."""

import pgtrigger
from django.contrib.auth import get_user_model
from django.db import models

from .seal import SEALED
from .triggers import Guard


def _sha256(text: str) -> str:
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')"


def _spelt(column: str) -> str:
    """A column's value in canonical JSON."""
    if column == "signed_at":
        column = """to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"to_json({column})"


_RECORD = (
    "'{' || " + " || ',' || ".join(f"""'"{column}":' || {_spelt(column)}""" for column in SEALED) + " || '}'"
)

CONTENT = models.Func(template=_sha256("content"), output_field=models.TextField())
RECORD = models.Func(
    template=f"CASE WHEN format = 0 THEN {_sha256('content')} ELSE {_sha256(_RECORD)} END",
    output_field=models.TextField(),
)


class OwnSignature(Guard):
    """A person signs: active, in their own name as it is now, now."""

    def __init__(self):
        super().__init__(
            name="signatures_are_given_by_who_signs",
            operation=pgtrigger.Insert,
            declare="broken text;",
            func="RETURN NEW;",
        )

    def get_func(self, model):
        person = get_user_model()
        return f"""
        broken := (SELECT CASE
            WHEN NOT p.is_active OR p.is_service THEN 'not an active person'
            WHEN p.{person.USERNAME_FIELD} IS DISTINCT FROM current_setting('audit.actor', true)
                THEN 'nobody signs in the name of another'
            WHEN p.printed_name <> NEW.printed_name THEN 'not the name of the signer'
            WHEN NEW.signed_at NOT BETWEEN greatest(transaction_timestamp(), clock_timestamp() - interval '1 minute')
                AND clock_timestamp() THEN 'not signed now'
            WHEN NEW.format <> 1 THEN 'not of the present format'
        END FROM {person._meta.db_table} p WHERE p.id = NEW.signer_id);
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'signatures_are_given_by_who_signs: %', broken USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """  # noqa: S608 - names of our own models


class OwnEvent(Guard):
    """What happened was done by who acts, as the trail has it, or by the program itself."""

    def __init__(self):
        super().__init__(
            name="events_name_who_acts",
            operation=pgtrigger.Insert,
            declare="known boolean;",
            func="RETURN NEW;",
        )

    def get_func(self, model):
        person = get_user_model()
        return f"""
        known := (SELECT p.is_service OR p.{person.USERNAME_FIELD} = current_setting('audit.actor', true)
            FROM {person._meta.db_table} p WHERE p.id = NEW.actor_id);
        IF NOT known THEN
            RAISE EXCEPTION 'events_name_who_acts: % is done by who acts', NEW.name USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """  # noqa: S608 - names of our own models


class QualifiedSigner(Guard):
    """The room that knows people says, as SQL over NEW, what a signer lacks."""

    def __init__(self):
        super().__init__(
            name="signers_are_qualified",
            operation=pgtrigger.Insert,
            declare="lack text;",
            func="RETURN NEW;",
        )

    def get_func(self, model):
        return f"""
        lack := ({get_user_model().lack_of_signer});
        IF lack IS NOT NULL THEN
            RAISE EXCEPTION 'signers_are_qualified: %', lack USING ERRCODE = 'GM013';
        END IF;
        RETURN NEW;
        """
