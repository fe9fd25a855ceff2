"""What the database itself refuses about stopped orders."""

import pgtrigger

from tilmfg.records.triggers import Guard

STOPPED_ORDERS_GO_ON_BY_DECISION = Guard(
    name="stopped_orders_stay_stopped",
    operation=pgtrigger.Update,
    declare="last_stop bigint;",
    func="""
    IF OLD.state NOT IN ('stopped', 'cancelled') OR NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    SELECT max(e.id) INTO last_stop FROM records_event e
        WHERE e.subject_kind = 'identity.order' AND e.subject_id = OLD.id AND e.name = 'identity.order.stopped';
    IF OLD.state = 'cancelled' OR NEW.state <> 'received' OR NOT EXISTS (
        SELECT FROM identity_resumption r WHERE r.order_id = OLD.id AND r.stop_id = last_stop
            AND r.signature_id IS NOT NULL)
    THEN RAISE EXCEPTION 'stopped_orders_stay_stopped: until the QA approver has signed why this stop is lifted'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

RESUMPTIONS_ARE_DECIDED_BY_ANOTHER = Guard(
    name="resumptions_are_decided_by_another",
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare="stop records_event; signed records_signature; broken text;",
    func="""
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'resumptions_are_decided_by_another: it is never taken back' USING ERRCODE = 'GM010';
    END IF;
    SELECT * INTO stop FROM records_event e WHERE e.id = NEW.stop_id;
    SELECT * INTO signed FROM records_signature s WHERE s.id = NEW.signature_id;
    broken := CASE
        WHEN stop.name <> 'identity.order.stopped' OR stop.subject_id <> NEW.order_id
            THEN 'it lifts a stop of its own order'
        WHEN stop.from_state <> 'received' THEN 'the tumor had not been received'
        WHEN stop.actor_id = NEW.decided_by_id THEN 'whoever stopped the order does not lift the stop'
        WHEN TG_OP = 'UPDATE' AND (OLD.signature_id IS NOT NULL OR
            (NEW.order_id, NEW.stop_id, NEW.grounds, NEW.decided_by_id)
            IS DISTINCT FROM (OLD.order_id, OLD.stop_id, OLD.grounds, OLD.decided_by_id))
            THEN 'it gets its signature and never changes'
        WHEN NEW.signature_id IS NOT NULL AND (signed.subject_kind, signed.subject_id, signed.meaning, signed.signer_id)
            IS DISTINCT FROM ('identity.resumption', NEW.id, 'approved', NEW.decided_by_id)
            THEN 'the signature is not of this decision'
        WHEN EXISTS (SELECT FROM quality_deviation d
            WHERE d.chain = 'order:' || NEW.order_id AND d.state = 'open') THEN 'a deviation of the order is open'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'resumptions_are_decided_by_another: %', broken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
