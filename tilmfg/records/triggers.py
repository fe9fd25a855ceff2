"""Database triggers as models declare them: the audit trail's, and guards for what must never happen.

Both replace django-pgtrigger's own SQL template, whose functions obey `pgtrigger.ignore`, a setting that any role
may change; ours know no such switch and fire ALWAYS. Migrations import the SQL classes for ever: a change of a
template is a new class, never an edit.
"""

from typing import Any

import pgtrigger
from django.db.migrations.state import ProjectState
from pgtrigger import compiler
from pgtrigger.migrations import AddTrigger, RemoveTrigger


class AuditTriggerSql(compiler.UpsertTriggerSql):
    """Attaches `audit.record()`, which belongs to the audit role, to a table."""

    def get_template(self):
        return """
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} FOR EACH {level} EXECUTE FUNCTION {execute};
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class GuardSql(compiler.UpsertTriggerSql):
    """A function of its own that raises when a rule would be broken."""

    def get_template(self):
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER LANGUAGE plpgsql
            SET search_path = pg_catalog, public, pg_temp AS $guard$ {declare} BEGIN {func} END; $guard$;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} FOR EACH {level} EXECUTE FUNCTION {execute};
            ALTER TABLE {table} ENABLE ALWAYS TRIGGER {pgid};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Audited(pgtrigger.Trigger):
    """Every change of a row becomes one event of a chain.

    Exactly one of `order` (a field naming the therapy order, or "id" on the order itself), `chain` (a field holding a
    chain's name) and `facility` (a name for what belongs to no patient) says which. `moved_by_verbs` lists the fields
    that a verb changes by itself; changing any other field is a correction and needs a human reason. `digested`
    fields (raw files) enter the trail as their SHA-256. `encrypted` fields enter it as the ciphertext that they hold;
    pages say only that they changed.
    """

    name, when, operation = "audited", pgtrigger.After, pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def __init__(
        self, *, order=None, chain=None, facility=None, moved_by_verbs=(), digested=(), encrypted=()
    ):
        self.source = [
            (word, value)
            for word, value in (("order", order), ("column", chain), ("facility", facility))
            if value
        ]
        if len(self.source) != 1:
            raise ValueError("An audited table belongs to exactly one of order, chain and facility.")
        self.moved_by_verbs, self.digested, self.encrypted = moved_by_verbs, digested, encrypted
        super().__init__()

    def compile(self, model):
        def columns(fields):
            return ",".join(model._meta.get_field(field).column for field in fields)

        [(word, value)] = self.source
        where = value if word == "facility" else columns([value])
        execute = (
            f"audit.record('{word}:{where}', '{columns(self.moved_by_verbs)}', '{columns(self.digested)}')"
        )
        return compiler.Trigger(
            name=self.name,
            sql=AuditTriggerSql(
                pgid=self.get_pgid(model),
                table=model._meta.db_table,
                when=self.when,
                operation=self.operation,
                level=self.level,
                func="",
                execute=execute,
            ),
        )


class Guard(pgtrigger.Trigger):
    """A rule in words, enforced before the row changes: `func` raises, or returns NEW."""

    def compile(self, model):
        return compiler.Trigger(
            name=self.name,
            sql=GuardSql(
                pgid=self.get_pgid(model),
                table=model._meta.db_table,
                when=self.when,
                operation=self.operation,
                level=self.level,
                declare=self.format_sql(self.declare_sql),
                func=self.format_sql(str(self.get_func(model))),
            ),
        )

    def __init__(self, *, name, operation, func, declare="", when=pgtrigger.Before):
        self.declare_sql = f"DECLARE {declare}" if declare else ""
        super().__init__(name=name, when=when, operation=operation, func=func)


def append_only(*, name="append_only"):
    """Facts that are never edited: a correction is a new row that supersedes."""
    return Guard(
        name=name,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="RAISE EXCEPTION '% is append-only: record a new row that supersedes', TG_TABLE_NAME "
        "USING ERRCODE = 'GM010';",
    )


class SameOrder(Guard):
    """Rows that this one points to belong to the same therapy order: no record can mix two patients."""

    def __init__(self, *fields):
        self.fields = fields
        super().__init__(
            name="rows_of_one_order_stay_together",
            operation=pgtrigger.Insert | pgtrigger.Update,
            func="RETURN NEW;",
        )

    def get_func(self, model):
        checks = [
            f"IF NEW.{field.column} IS NOT NULL AND NOT EXISTS (SELECT FROM {field.related_model._meta.db_table} r "
            f"WHERE r.id = NEW.{field.column} AND r.order_id = NEW.order_id) THEN "
            f"RAISE EXCEPTION 'rows_of_one_order_stay_together: {field.name} belongs to another order' "
            f"USING ERRCODE = 'GM011'; END IF;"
            for field in map(model._meta.get_field, self.fields)
        ]
        return " ".join([*checks, "RETURN NEW;"])


def frozen_but(*columns, name, hint):
    """No column of a row ever changes but these."""
    left = "'{" + ",".join(columns) + "}'::text[]"
    return Guard(
        name=name,
        operation=pgtrigger.Update,
        func=f"""
        IF to_jsonb(NEW) - {left} IS DISTINCT FROM to_jsonb(OLD) - {left}
        THEN RAISE EXCEPTION '{name}: {hint}' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def moves_along(machine, *, name):
    """A row is born in the first state, and a state changes only along the machine's transitions."""
    first = next(iter(machine.states)).value
    steps = sorted({(source.value, target.value) for (source, _), target in machine.transitions.items()})
    allowed = ", ".join(f"('{source}', '{target}')" for source, target in steps)
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF TG_OP = 'INSERT' AND NEW.state <> '{first}'
            OR TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN ({allowed})
        THEN RAISE EXCEPTION '{name}: this change of state does not exist' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def _leave_models_rendered(operation: type[AddTrigger] | type[RemoveTrigger]) -> None:
    """A trigger changes no field, so the models of a migration's state stay as they are rendered.

    pgtrigger has the model and all that relate to it rendered anew, for each of some hundred triggers.
    """
    forwards = operation.state_forwards

    def state_forwards(self: Any, app_label: str, state: ProjectState) -> None:
        state.reload_model = lambda *model, **options: None  # type: ignore[method-assign]
        try:
            forwards(self, app_label, state)
        finally:
            del state.reload_model

    operation.state_forwards = state_forwards  # type: ignore[method-assign]


for operation in (AddTrigger, RemoveTrigger):
    _leave_models_rendered(operation)
