"""Who works by a version of a process is qualified for it; the database asks, as pages and verbs do."""

import pgtrigger

from tilmfg.accounts.guards import by_qualified
from tilmfg.records.triggers import Guard

# As `ProcessDefinition.qualification` spells it.
_DEFINITION = "SELECT 'process: ' || d.code || ', version ' || d.version FROM batches_processdefinition d"
_BATCH = f"{_DEFINITION} JOIN batches_batch b ON b.definition_id = d.id"

STARTED_BY_QUALIFIED = by_qualified(
    "started_by_id",
    name="batches_are_started_by_qualified_people",
    code=f"{_DEFINITION} WHERE d.id = NEW.definition_id",
)
PERFORMED_BY_QUALIFIED = by_qualified(
    "performed_by_id",
    "verified_by_id",
    name="steps_are_done_by_qualified_people",
    code=f"{_BATCH} WHERE b.id = NEW.batch_id",
)
READ_BY_QUALIFIED = by_qualified(
    "recorded_by_id",
    "confirmed_by_id",
    name="readings_are_made_by_qualified_people",
    code=f"{_BATCH} JOIN batches_stepexecution x ON x.batch_id = b.id WHERE x.id = NEW.execution_id",
)
VERIFIED_NOW = Guard(
    name="steps_are_verified_now",
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
    IF NEW.state = 'verified'
        AND (NEW.verified_at BETWEEN transaction_timestamp() AND clock_timestamp()) IS NOT TRUE
    THEN RAISE EXCEPTION 'steps_are_verified_now: the database clock says when' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)
# Before a step is verified its verification confirms a correction; after that somebody must.
CORRECTED_BY_TWO = Guard(
    name="verified_steps_are_corrected_by_two",
    operation=pgtrigger.Insert,
    func="""
    IF NEW.supersedes_id IS NOT NULL AND NEW.confirmed_by_id IS NULL AND EXISTS (
        SELECT FROM batches_stepexecution x WHERE x.id = NEW.execution_id AND x.state = 'verified')
    THEN RAISE EXCEPTION 'verified_steps_are_corrected_by_two: nobody confirms the correction'
        USING ERRCODE = 'GM012';
    ELSIF NEW.confirmed_by_id IS NOT NULL
        AND (NEW.confirmed_at BETWEEN transaction_timestamp() AND clock_timestamp()) IS NOT TRUE
    THEN RAISE EXCEPTION 'verified_steps_are_corrected_by_two: the database clock says when' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)
