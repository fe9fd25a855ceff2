"""What the database itself refuses at the bedside."""

import pgtrigger

from tilmfg.records.triggers import Guard

A_MATCHING_CHECK_REALLY_MATCHES = Guard(
    name="a_matching_check_really_matches",
    operation=pgtrigger.Insert,
    declare="bag_payload text; order_patient bigint;",
    func="""
    SELECT '&/' || o.coi_id || '.' || c.code, o.patient_id INTO bag_payload, order_patient
        FROM identity_container c JOIN identity_therapyorder o ON o.id = c.order_id WHERE c.id = NEW.container_id;
    IF NEW.matches AND (
        NEW.patient_id IS DISTINCT FROM order_patient
        OR NOT EXISTS (SELECT FROM identity_scan s WHERE s.id = NEW.cassette_scan_id
            AND s.matches AND s.expected = bag_payload)
        OR NOT EXISTS (SELECT FROM identity_scan s WHERE s.id = NEW.bag_scan_id
            AND s.matches AND s.expected = bag_payload))
    THEN
        RAISE EXCEPTION 'a_matching_check_really_matches: wristband, cassette or bag differ'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)

INFUSIONS_ARE_OF_PROVIDED_LOTS = Guard(
    name="infusions_are_of_provided_lots",
    operation=pgtrigger.Insert,
    declare="""
    lot_state text; order_state text; order_patient bigint; site_zone text; bag identity_container;
    passed treatment_bedsidecheck; rule text := 'infusions_are_of_provided_lots'; broken text;
    """,
    func="""
    SELECT l.state, o.state, o.patient_id, s.time_zone INTO lot_state, order_state, order_patient, site_zone
        FROM release_lot l JOIN identity_therapyorder o ON o.id = l.order_id
        JOIN facility_site s ON s.id = o.site_id
        WHERE l.id = NEW.lot_id FOR SHARE OF l, o;
    SELECT * INTO bag FROM identity_container c WHERE c.id = NEW.container_id;
    SELECT * INTO passed FROM treatment_bedsidecheck c WHERE c.id = NEW.check_passed_id AND c.matches
        AND c.container_id = NEW.container_id AND c.patient_id = NEW.patient_id;
    broken := CASE
        WHEN lot_state IS NULL OR lot_state NOT IN ('released', 'conditionally_released', 'provided_under_exception')
            THEN 'the lot is ' || coalesce(lot_state, 'unknown')
        WHEN order_state <> 'received' THEN 'the order is ' || order_state
        WHEN NEW.patient_id <> order_patient THEN 'the lot is for another patient'
        WHEN bag.kind <> 'bag' OR bag.state <> 'at_site' THEN bag.code || ' is no product bag at the site'
        WHEN bag.expiry_date IS NULL
            OR bag.expiry_date < (greatest(NEW.ended_at, clock_timestamp()) AT TIME ZONE site_zone)::date
            THEN 'the bag expired on ' || coalesce(bag.expiry_date::text, 'no known date')
        WHEN passed.id IS NULL THEN 'no passed bedside check of this bag'
        WHEN NEW.started_at < date_trunc('minute', passed.recorded_at)
            OR NEW.started_at > passed.recorded_at + interval '3 hours'
            THEN 'it did not start within three hours after the bedside check'
        WHEN NEW.ended_at > clock_timestamp() + interval '1 minute' THEN 'it has not ended yet'
        WHEN EXISTS (SELECT FROM quality_deviation d
            WHERE d.chain = 'order:' || NEW.order_id AND d.state = 'open') THEN 'a deviation of the order is open'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION '%: %', rule, broken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
