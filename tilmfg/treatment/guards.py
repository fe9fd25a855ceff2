"""What the database itself refuses at the bedside."""

import pgtrigger

from tilmfg.records.triggers import Guard

A_MATCHING_CHECK_REALLY_MATCHES = Guard(
    name="a_matching_check_really_matches",
    operation=pgtrigger.Insert,
    func="""
    IF NEW.matches AND (
        NEW.patient_id IS DISTINCT FROM (SELECT o.patient_id FROM identity_therapyorder o WHERE o.id = NEW.order_id)
        OR EXISTS (SELECT FROM identity_scan s
            WHERE s.id IN (NEW.cassette_scan_id, NEW.bag_scan_id) AND NOT s.matches))
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
    lot_state text; order_state text; order_patient bigint; bag identity_container;
    rule text := 'infusions_are_of_provided_lots'; broken text;
    """,
    func="""
    SELECT l.state, o.state, o.patient_id INTO lot_state, order_state, order_patient
        FROM release_lot l JOIN identity_therapyorder o ON o.id = l.order_id
        WHERE l.id = NEW.lot_id FOR SHARE OF l, o;
    SELECT * INTO bag FROM identity_container c WHERE c.id = NEW.container_id;
    broken := CASE
        WHEN lot_state IS NULL OR lot_state NOT IN ('released', 'conditionally_released', 'provided_under_exception')
            THEN 'the lot is ' || coalesce(lot_state, 'unknown')
        WHEN order_state <> 'received' THEN 'the order is ' || order_state
        WHEN NEW.patient_id <> order_patient THEN 'the lot is for another patient'
        WHEN bag.kind <> 'bag' OR bag.state <> 'at_site' THEN bag.code || ' is no product bag at the site'
        WHEN bag.expiry_date IS NULL
            OR bag.expiry_date < (greatest(NEW.ended_at, clock_timestamp()) AT TIME ZONE 'UTC')::date
            THEN 'the bag expired on ' || coalesce(bag.expiry_date::text, 'no known date')
        WHEN NOT EXISTS (SELECT FROM treatment_bedsidecheck c WHERE c.id = NEW.check_passed_id AND c.matches
            AND c.container_id = NEW.container_id AND c.patient_id = NEW.patient_id)
            THEN 'no passed bedside check of this bag'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION '%: %', rule, broken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    """,
)
