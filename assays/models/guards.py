"""What the database refuses of the laboratory's records, whoever asks."""

import pgtrigger

from tilmfg.accounts.guards import by_qualified
from tilmfg.records.triggers import Guard


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


def by_approved_method(*, name, in_force="true"):
    """The version is approved, and not withdrawn at this moment where `in_force` holds of the new row."""
    return Guard(
        name=name,
        operation=pgtrigger.Insert,
        func=f"""
        PERFORM FROM assays_method m WHERE m.id = NEW.method_id AND m.approval_id IS NOT NULL
            AND (m.withdrawal_id IS NULL OR NOT ({in_force})) FOR KEY SHARE;
        IF NOT FOUND
        THEN RAISE EXCEPTION '{name}: this version is not approved, or was withdrawn' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


def approved_by_another():
    """An approval or withdrawal is a signature over this very version; the approver wrote nothing of the draft."""
    return Guard(
        name="authors_do_not_approve_their_methods",
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
        IF TG_OP = 'INSERT' AND (NEW.approval_id IS NOT NULL OR NEW.withdrawal_id IS NOT NULL)
        THEN RAISE EXCEPTION 'authors_do_not_approve_their_methods: a method begins as a draft'
            USING ERRCODE = 'GM012';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.approval_id IS DISTINCT FROM OLD.approval_id AND NOT EXISTS (
            SELECT FROM records_signature s JOIN accounts_user u ON u.id = s.signer_id
            WHERE s.id = NEW.approval_id AND s.subject_kind = 'assays.method' AND s.subject_id = NEW.id
            AND s.meaning = 'approved' AND NOT EXISTS (
                SELECT FROM audit.event e
                WHERE e.relation = 'assays_method' AND e.key = NEW.id::text AND e.actor = u.username))
        THEN RAISE EXCEPTION 'authors_do_not_approve_their_methods: not approved by another person'
            USING ERRCODE = 'GM012';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.withdrawal_id IS DISTINCT FROM OLD.withdrawal_id AND NOT EXISTS (
            SELECT FROM records_signature s
            WHERE s.id = NEW.withdrawal_id AND s.subject_kind = 'assays.method_withdrawal'
            AND s.subject_id = NEW.id AND s.meaning = 'rejected')
        THEN RAISE EXCEPTION 'authors_do_not_approve_their_methods: not a withdrawal of this version'
            USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )


# Nobody tests a lot into compliance: a result out of specification stands until its investigation invalidated it.
RESULTS_UNDER_INVESTIGATION_STAND = Guard(
    name="results_under_investigation_stand",
    operation=pgtrigger.Update,
    func="""
    IF NEW.state = 'superseded' AND OLD.state <> 'superseded' AND EXISTS (
        SELECT FROM quality_investigation i WHERE i.result_id = OLD.id AND i.state <> 'invalidated')
    THEN RAISE EXCEPTION 'results_under_investigation_stand: no investigation has invalidated it'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

RETESTS_FOLLOW_THEIR_PLAN = Guard(
    name="retests_follow_their_plan",
    operation=pgtrigger.Insert,
    func="""
    IF NEW.retest_of_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM quality_investigation i JOIN assays_result o ON o.id = i.result_id
        WHERE o.id = NEW.retest_of_id AND i.state = 'phase_two' AND o.recorded_by_id <> NEW.recorded_by_id
        AND (o.attribute, o.stage) = (NEW.attribute, NEW.stage) AND NEW.supersedes_id IS NULL
        AND (SELECT count(*) FROM assays_result r WHERE r.retest_of_id = o.id AND r.state <> 'superseded')
            < i.retests_planned)
    THEN RAISE EXCEPTION 'retests_follow_their_plan: no planned retest by another analyst is left'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)


# What a run combined stands in its last computation, as `assays.selectors.assays` reads it. Two reviews that want one
# assay take turns by the lock on its run.
AN_ASSAY_IS_PART_OF_ONE_FINAL_RESULT = Guard(
    name="an_assay_is_part_of_one_final_result",
    operation=pgtrigger.Update,
    declare="own bigint[];",
    func="""
    IF NEW.review_id IS NULL OR OLD.review_id IS NOT NULL OR NEW.run_id IS NULL THEN RETURN NEW; END IF;
    SELECT array_agg(DISTINCT part.id) INTO own FROM batches_sample s
        JOIN assays_computation c ON c.run_id = NEW.run_id
        CROSS JOIN LATERAL (SELECT c.run_id AS id UNION
            SELECT closed.id::bigint FROM jsonb_array_elements_text(
                c.outcome->'assays'->s.name->'closes') closed (id)) part
        WHERE s.id = NEW.sample_id AND (c.outcome->'assays'->s.name->>'combined')::boolean
        AND c.number = (SELECT max(l.number) FROM assays_computation l WHERE l.run_id = c.run_id);
    IF own IS NULL THEN RETURN NEW; END IF;
    PERFORM FROM assays_run r WHERE r.id = ANY (own) ORDER BY r.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM assays_result o JOIN batches_sample s ON s.id = o.sample_id
        JOIN assays_computation c ON c.run_id = o.run_id
        WHERE o.review_id IS NOT NULL AND o.run_id <> NEW.run_id AND o.order_id = NEW.order_id
        AND (o.attribute, o.stage) = (NEW.attribute, NEW.stage)
        AND (c.outcome->'assays'->s.name->>'combined')::boolean
        AND c.number = (SELECT max(l.number) FROM assays_computation l WHERE l.run_id = c.run_id)
        AND (c.run_id = ANY (own) OR EXISTS (
            SELECT FROM jsonb_array_elements_text(c.outcome->'assays'->s.name->'closes') closed (id)
            WHERE closed.id::bigint = ANY (own))))
    THEN RAISE EXCEPTION 'an_assay_is_part_of_one_final_result' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

READINGS_AGREE = Guard(
    name="results_read_twice_agree",
    operation=pgtrigger.Update,
    func="""
    IF NEW.state = 'final' AND OLD.state <> 'final' AND EXISTS (
        SELECT FROM assays_method m, jsonb_array_elements(m.content->'results') asked
        WHERE m.id = NEW.method_id AND asked->>'attribute' = NEW.attribute
        AND (asked->'second_reading')::boolean)
        AND NOT EXISTS (SELECT FROM assays_secondreading s WHERE s.result_id = NEW.id AND s.text = NEW.text)
    THEN RAISE EXCEPTION 'results_read_twice_agree: no second reading says the same' USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)


# As `Method.qualification` spells it.
_METHOD = (
    "SELECT 'method: ' || m.code || ', version ' || m.version FROM assays_method m WHERE m.id = NEW.method_id"
)


def measured_by_qualified(*people, name, unless="false"):
    """Who measured or reviewed by a version of a method was qualified for it then."""
    return by_qualified(*people, name=name, code=_METHOD, unless=unless)


# The database does not know the facility's clocks: a lot is good until its day has ended everywhere on earth.
# `services.reagents` goes by the facility's own day.
USABLE_LOTS = Guard(
    name="runs_use_released_lots",
    operation=pgtrigger.Insert,
    func="""
    PERFORM FROM facility_materiallot l WHERE l.id = NEW.lot_id AND l.status = 'released'
        AND lower(l.material) = lower(NEW.reagent) AND EXISTS (
            SELECT FROM assays_run r JOIN assays_method m ON m.id = r.method_id WHERE r.id = NEW.run_id
            AND r.state = 'imported' AND m.content->'reagents' ? NEW.reagent
            AND r.measured_at AT TIME ZONE 'UTC' < l.expiry_date + interval '36 hours') FOR SHARE;
    IF NOT FOUND
    THEN RAISE EXCEPTION 'runs_use_released_lots: not released, expired, of another material, or not asked for'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

REAGENTS_ARE_NAMED = Guard(
    name="runs_name_a_lot_of_each_reagent",
    operation=pgtrigger.Update,
    func="""
    IF OLD.state = 'imported' AND NEW.state <> OLD.state AND EXISTS (
        SELECT FROM assays_method m, jsonb_array_elements_text(coalesce(m.content->'reagents', '[]')) needed (name)
        WHERE m.id = NEW.method_id AND NOT EXISTS (
            SELECT FROM assays_runreagent u WHERE u.run_id = NEW.id AND u.reagent = needed.name))
    THEN RAISE EXCEPTION 'runs_name_a_lot_of_each_reagent: a reagent of the method has none'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

# By the day of the measurement, as lots of reagents are.
CALIBRATED = Guard(
    name="runs_are_measured_by_calibrated_instruments",
    operation=pgtrigger.Insert,
    func="""
    PERFORM FROM facility_equipment e WHERE e.id = NEW.instrument_id
        AND NEW.measured_at AT TIME ZONE 'UTC' < e.calibration_due_date + interval '36 hours' FOR KEY SHARE;
    IF NOT FOUND
    THEN RAISE EXCEPTION 'runs_are_measured_by_calibrated_instruments: it was due before the measurement'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)

# Wrong patient, wrong stage: a result is of a sample as it was drawn, and of a run only of those that it measured.
OF_ITS_SAMPLE = Guard(
    name="results_are_of_a_sample_that_was_measured",
    operation=pgtrigger.Insert,
    func="""
    IF NOT EXISTS (SELECT FROM batches_sample s WHERE s.id = NEW.sample_id AND s.stage = NEW.stage)
    THEN RAISE EXCEPTION 'results_are_of_a_sample_that_was_measured: the sample is of another stage'
        USING ERRCODE = 'GM012';
    ELSIF NEW.run_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM assays_mappedsample m JOIN assays_run r ON r.id = m.run_id
        WHERE r.id = NEW.run_id AND r.method_id = NEW.method_id AND m.sample_id = NEW.sample_id)
    THEN RAISE EXCEPTION 'results_are_of_a_sample_that_was_measured: the run measured no such sample by this method'
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)


TOLD_AS_ITS_METHOD_REPORTS = Guard(
    name="results_are_told_as_their_method_reports",
    operation=pgtrigger.Insert,
    func="""
    IF NOT EXISTS (
        SELECT FROM assays_method m, jsonb_array_elements(m.content -> 'results') reported
        WHERE m.id = NEW.method_id AND reported ->> 'attribute' = NEW.attribute
        AND coalesce(reported ->> 'unit', '') = NEW.unit AND jsonb_exists(reported -> 'stages', NEW.stage))
    THEN RAISE EXCEPTION 'results_are_told_as_their_method_reports: % in “%” at %', NEW.attribute, NEW.unit, NEW.stage
        USING ERRCODE = 'GM012';
    END IF;
    RETURN NEW;
    """,
)


def only_while_imported(*, name):
    """What a run is computed from comes with its import; later rows would change answers that are on record."""
    return Guard(
        name=name,
        operation=pgtrigger.Insert,
        func=f"""
        IF EXISTS (SELECT FROM assays_run r WHERE r.id = NEW.run_id AND r.state <> 'imported')
        THEN RAISE EXCEPTION '{name}: the run was computed already' USING ERRCODE = 'GM012';
        END IF;
        RETURN NEW;
        """,
    )
