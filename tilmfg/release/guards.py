"""What the database itself refuses about lots and their decisions, whoever asks and by whatever means."""

import pgtrigger

from tilmfg.quality.workers import WORKERS
from tilmfg.records.triggers import Guard

SPECIFICATIONS_ARE_FROZEN = Guard(
    name="approved_specifications_are_frozen",
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
    IF OLD.approval_id IS NOT NULL OR
        (NEW.code, NEW.version, NEW.indication, NEW.effective_from_date, NEW.content, NEW.digest)
        IS DISTINCT FROM
        (OLD.code, OLD.version, OLD.indication, OLD.effective_from_date, OLD.content, OLD.digest)
    THEN
        RAISE EXCEPTION 'approved_specifications_are_frozen: make a new version' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

SPECIFICATIONS_ARE_APPROVED_BY_ANOTHER = Guard(
    name="specifications_are_approved_by_another",
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
    IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM records_signature s
        WHERE s.id = NEW.approval_id AND s.meaning = 'approved' AND s.subject_kind = 'release.specification'
        AND s.subject_id = NEW.id AND s.signer_id <> NEW.drafted_by_id
    ) THEN
        RAISE EXCEPTION 'specifications_are_approved_by_another: no approving signature of somebody else'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

# A lot is released or rejected only by an executed disposition: two signatures of two people, of the right meaning,
# over the same digest, both for this very lot.
LOTS_ARE_SIGNED = Guard(
    name="decided_lots_are_signed",
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare="wanted text; broken text;",
    func="""
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'expanding' THEN broken := 'a lot is born expanding'; END IF;
    ELSIF NEW.order_id <> OLD.order_id THEN
        broken := 'a lot keeps its order';
    ELSIF NEW.state = OLD.state THEN
        RETURN NEW;
    ELSIF NEW.state = 'infused' THEN
        IF OLD.state NOT IN ('released', 'conditionally_released', 'provided_under_exception')
            OR NOT EXISTS (SELECT FROM treatment_infusion i WHERE i.lot_id = NEW.id) THEN
            broken := 'no infusion of a provided lot';
        END IF;
    ELSIF OLD.state IN ('rejected', 'terminated', 'recalled', 'infused') THEN
        broken := OLD.state || ' is final';
    ELSE
        wanted := CASE NEW.state
            WHEN 'released' THEN 'release'
            WHEN 'rejected' THEN 'reject'
            WHEN 'conditionally_released' THEN 'conditional_release'
            WHEN 'provided_under_exception' THEN 'provide_under_exception'
        END;
        IF wanted IS NULL THEN
            IF OLD.state IN ('released', 'conditionally_released', 'provided_under_exception')
                AND NEW.state NOT IN ('on_hold', 'recalled') THEN
                broken := 'a decided lot does not go back';
            END IF;
        ELSIF NOT EXISTS (
            SELECT FROM release_disposition d
            JOIN records_signature r ON r.id = d.review_id
            JOIN records_signature a ON a.id = d.approval_id
            WHERE d.lot_id = NEW.id AND d.decision = wanted AND d.state = 'executed'
            AND r.meaning = 'reviewed' AND a.meaning = 'approved' AND r.signer_id <> a.signer_id
            AND r.content_digest = d.digest AND a.content_digest = d.digest
            AND r.subject_kind = 'release.lot' AND r.subject_id = NEW.id
            AND a.subject_kind = 'release.lot' AND a.subject_id = NEW.id
        ) THEN
            broken := 'no executed disposition with two signatures over the same record';
        ELSIF wanted <> 'reject' AND EXISTS (
            SELECT FROM identity_therapyorder o WHERE o.id = NEW.order_id AND o.state <> 'received'
        ) THEN
            broken := 'the order is stopped';
        ELSIF wanted <> 'reject' AND NOT EXISTS (
            SELECT FROM release_trailreview t WHERE t.lot_id = NEW.id AND NOT EXISTS (
                SELECT FROM audit.event e WHERE e.chain = 'order:' || NEW.order_id AND e.seq > t.last_sequence
                AND NOT starts_with(e.relation, 'release_') AND NOT starts_with(e.relation, 'records_'))
        ) THEN
            broken := 'nobody reviewed the audit trail as it stands';
        END IF;
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'decided_lots_are_signed: %', broken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

# A review names an event that there is, and its signature is over that very event, by a QA reviewer who is a stranger
# to the lot.
TRAIL_REVIEWS_ARE_SIGNED = Guard(
    name="trail_reviews_are_signed",
    operation=pgtrigger.Insert,
    func=f"""
    IF NOT EXISTS (
        SELECT FROM records_signature s JOIN audit.event e ON e.chain = s.chain AND e.seq = s.subject_version
        WHERE s.id = NEW.signature_id AND s.meaning = 'trail_reviewed' AND s.subject_kind = 'release.trail'
        AND s.subject_id = NEW.lot_id AND s.chain = 'order:' || NEW.order_id AND e.seq = NEW.last_sequence
        AND encode(e.hash, 'hex') = NEW.last_hash AND s.content::jsonb ->> 'last_hash' = NEW.last_hash
        AND EXISTS (SELECT FROM accounts_rolegrant g WHERE g.user_id = s.signer_id AND g.role = 'qa_reviewer'
            AND g.revoked_at IS NULL)
        AND NOT EXISTS (SELECT FROM ({WORKERS.format(order="NEW.order_id")}) AS worker (id)
            WHERE worker.id = s.signer_id)
    ) THEN
        RAISE EXCEPTION 'trail_reviews_are_signed: no signature over the event up to which the trail was reviewed'
            USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,  # noqa: S608 - nothing in it is anybody's input
)

# reviewed → signed → executed, or void; what was signed stays what it was.
DISPOSITIONS_KEEP_WHAT_WAS_SIGNED = Guard(
    name="dispositions_keep_what_was_signed",
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare="broken boolean;",
    func="""
    IF TG_OP = 'INSERT' THEN
        broken := NEW.state <> 'reviewed' OR NEW.approval_id IS NOT NULL;
    ELSE
        broken := (NEW.lot_id, NEW.decision, NEW.digest, NEW.review_id)
                IS DISTINCT FROM (OLD.lot_id, OLD.decision, OLD.digest, OLD.review_id)
            OR OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id
            OR OLD.state IN ('executed', 'void')
            OR NEW.state = 'reviewed' AND OLD.state <> 'reviewed'
            OR NEW.state = 'executed' AND OLD.state <> 'signed';
    END IF;
    IF broken THEN
        RAISE EXCEPTION 'dispositions_keep_what_was_signed: review the lot again' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

# The plan of a disposition, held by the database itself: each signature over what is decided, by another person who
# holds the role at that moment and did not work on the lot.
DISPOSITIONS_TAKE_SIGNATURES_OF_STRANGERS = Guard(
    name="dispositions_take_signatures_of_strangers",
    operation=pgtrigger.Insert | pgtrigger.Update,
    declare="broken text; step record;",
    func=f"""
    FOR step IN SELECT s.*, wanted.role, wanted.meaning AS wanted
        FROM (VALUES (NEW.review_id, 'qa_reviewer', 'reviewed'), (NEW.approval_id, 'qa_approver', 'approved'))
            AS wanted (id, role, meaning)
        JOIN records_signature s ON s.id = wanted.id
        WHERE TG_OP = 'INSERT' OR wanted.id = NEW.approval_id AND OLD.approval_id IS NULL
    LOOP
        broken := CASE
            WHEN (step.subject_kind, step.subject_id) IS DISTINCT FROM ('release.lot', NEW.lot_id)
                THEN 'a signature of another record'
            WHEN step.content_digest <> NEW.digest OR step.meaning <> step.wanted
                THEN 'a signature of something else'
            WHEN NOT EXISTS (SELECT FROM accounts_rolegrant g WHERE g.user_id = step.signer_id
                AND g.role = step.role AND g.revoked_at IS NULL) THEN 'the signer is no ' || step.role
            WHEN step.signer_id IN ({WORKERS.format(order="NEW.order_id")}) THEN 'the signer worked on this lot'
            WHEN NEW.approval_id IS NOT NULL AND (SELECT count(DISTINCT s.signer_id) FROM records_signature s
                WHERE s.id IN (NEW.review_id, NEW.approval_id)) < 2 THEN 'both signatures are of one person'
        END;
        IF broken IS NOT NULL THEN
            RAISE EXCEPTION 'dispositions_take_signatures_of_strangers: %', broken USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NEW;
    """,  # noqa: S608 - nothing in it is anybody's input
)
