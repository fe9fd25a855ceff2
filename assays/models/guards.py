"""What the database refuses of the laboratory's records, whoever asks."""

import pgtrigger

from tilmfg.records.triggers import Guard


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


def signed_by_reviewer(*, name, subjects):
    """A review is a signature of the person named as reviewer, over this very record, and is given once."""
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF TG_OP = 'UPDATE' AND OLD.review_id IS NOT NULL
            AND (NEW.review_id, NEW.reviewed_by_id) IS DISTINCT FROM (OLD.review_id, OLD.reviewed_by_id)
        THEN RAISE EXCEPTION '{name}: a review is given once' USING ERRCODE = 'GM012';
        END IF;
        IF NEW.review_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM records_signature s WHERE s.id = NEW.review_id AND s.signer_id = NEW.reviewed_by_id
            AND s.meaning IN ('reviewed_result', 'rejected') AND ({subjects}))
        THEN RAISE EXCEPTION '{name}: not the reviewer''s signature of this record' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def by_approved_method(*, name):
    return Guard(
        name=name,
        operation=pgtrigger.Insert,
        func=f"""
        IF NOT EXISTS (SELECT FROM assays_method m WHERE m.id = NEW.method_id AND m.approval_id IS NOT NULL)
        THEN RAISE EXCEPTION '{name}: this version is not approved' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )
