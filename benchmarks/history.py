"""A facility with a long history: a few lots are made properly and copied as often as asked for.

What is on the floor and in QA stays as it is in a real facility, limited by rooms and people; what grows is
the history of decided lots. Copies carry every row of their model, its audit trail included, but were not
written by verbs: their triggers were off, and nothing but reading them makes sense.
"""

from datetime import timedelta

from django.apps import apps
from django.db import models

from tests import factories
from tests.release import stage
from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.identity.models import Container, Patient, TherapyOrder
from tilmfg.records.models import AuditEvent
from tilmfg.release.models import Lot

ON_THE_FLOOR = 30
IN_QA = 20
KEYS_APART = 1_000_000  # the n-th copy's keys are n times this away from its model's
FIRST_COPY = 1000
# A copied signature stands with another record, which is just what its seal forbids.
UNSEAL = "ALTER TABLE records_signature DROP CONSTRAINT IF EXISTS signatures_are_sealed"


class Facility:
    """`lot` waits for QA and is no copy."""

    def __init__(self, slot) -> None:
        self.slot = slot
        self.copies = FIRST_COPY
        stage.make_specification()
        self.lot = stage.make_reviewable_lot()
        self.decided = stage.make_reviewable_lot()
        stage.decide(self.decided)
        with factories.writing():  # cut long ago, as every tumor of the history
            Container.objects.filter(order=self.decided.order_id, code="TB1").update(state="consumed")
        self._copy(self.lot.order_id, IN_QA - 1)
        self._copy(_lot_on_the_floor().order_id, ON_THE_FLOOR - 1)

    def grow_to(self, lots: int) -> None:
        self._copy(self.decided.order_id, lots - Lot.objects.count())
        with self.slot.servers.postgresql.admin(self.slot.database) as admin:
            admin.execute("VACUUM ANALYZE")

    def _copy(self, order: int, times: int) -> None:
        first, self.copies = self.copies + 1, self.copies + times
        with self.slot.servers.postgresql.admin(self.slot.database) as admin, admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")  # no look-up of each foreign key
            admin.execute(UNSEAL)
            for model in COPIED:
                table = _table(model)
                admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                admin.execute(_copying(model), {"order": order, "first": first, "last": self.copies})


def _lot_on_the_floor() -> Lot:
    order = factories.make_order(state="received")
    definition = factories.make_definition(GEN2_22_DAYS, code="gen2")
    batch = factories.make_batch(order=order, definition=definition, started_days_ago=10)
    started = factories.NOW - timedelta(days=10)
    factories.make_execution(batch, step="fragment_and_seed", performed_at=started)
    return factories.make_lot(order=order)


def _belongs_to_an_order(model: type[models.Model]) -> bool:
    fields = {field.name: field for field in model._meta.fields}
    return "chain" in fields or ("order" in fields and fields["order"].related_model is TherapyOrder)


COPIED: list[type[models.Model]] = [Patient, TherapyOrder, *filter(_belongs_to_an_order, apps.get_models())]


def _copying(model: type[models.Model]) -> str:
    """INSERT … SELECT of the rows of one order, once for each n."""
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(_value(field) for field in fields)
    table = _table(model)
    return (
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} "
        f"FROM {table}, generate_series(%(first)s::bigint, %(last)s::bigint) n WHERE {_of_the_order(model)}"
    )


def _value(field: models.Field) -> str:
    shifted = f'"{field.column}" + n * {KEYS_APART}'
    if field.related_model in COPIED or field.name == "subject_id":
        return shifted
    if field.name == "chain":
        return f"'order:' || (%(order)s::bigint + n * {KEYS_APART})"
    if field.primary_key and isinstance(field, models.AutoField):
        return shifted
    if field.unique and isinstance(field, models.CharField) and field.max_length:
        return f"left(\"{field.column}\", {field.max_length - 6}) || lpad(n::text, 6, '0')"
    return f'"{field.column}"'


def _of_the_order(model: type[models.Model]) -> str:
    if model is TherapyOrder:
        return "id = %(order)s::bigint"
    if model is Patient:
        return "id = (SELECT patient_id FROM identity_therapyorder WHERE id = %(order)s::bigint)"
    names = {field.name for field in model._meta.fields}
    return "chain = 'order:' || %(order)s::bigint" if "chain" in names else "order_id = %(order)s::bigint"


def _table(model: type[models.Model]) -> str:
    return "audit.event" if model is AuditEvent else model._meta.db_table
