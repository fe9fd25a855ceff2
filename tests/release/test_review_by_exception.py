"""Everything is checked and counted; only what needs an eye is shown."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.release.specifications import all_good
from tests.release.test_gates import (
    BAG,
    DEVIATION,
    HARVEST,
    LABEL,
    MATERIAL,
    OLGA,
    READY,
    SCAN,
    STEP,
    evaluated,
)
from tilmfg.release import dossier as d
from tilmfg.release.review import checks_of, exceptions_in

READING = d.Reading(
    parameter="viability",
    label="Viability",
    value=Decimal("91.2"),
    text="",
    unit="%",
    low=Decimal(70),
    high=None,
    within_limits=True,
    computed=False,
    corrects=False,
    reason="",
    recorded_by=OLGA,
)
RESULT = d.Result(
    id=1,
    attribute="viability",
    stage="pre_freeze",
    sample="TIL-2026-0042-QC1",
    drawn_by="olga",
    method="cell-count",
    method_name="Cell count",
    method_version=1,
    run=None,
    analyst="",
    qualifier="=",
    value=Decimal("91.2"),
    raw_value=Decimal("91.2"),
    decimals=1,
    text="",
    unit="%",
    missing="",
    notes="",
    performed_at=HARVEST,
    late_entry_reason="",
    recorded_by=OLGA,
    reviewed_by=None,
    state="final",
    supersedes=None,
    reason="",
)
HANDOVER = d.Handover(
    kind="received",
    gave="Courier",
    took=OLGA,
    second=None,
    place="Dock",
    temperature_c=Decimal("4.1"),
    temperature_reason="",
    condition="Seal intact",
    late_entry_reason="",
)
PLAIN = replace(
    READY,
    deviations=(),
    results=(RESULT,),
    steps=(replace(STEP, readings=(READING,)),),
    containers=(replace(BAG, handovers=(HANDOVER,)),),
)


def with_step(**changes):
    return replace(PLAIN, steps=(replace(PLAIN.steps[0], **changes),))


def with_reading(**changes):
    return with_step(readings=(replace(READING, **changes),))


def with_result(**changes):
    return replace(PLAIN, results=(replace(RESULT, **changes),))


def with_bag(**changes):
    return replace(PLAIN, containers=(replace(PLAIN.containers[0], **changes),))


def test_a_plain_record_needs_nobody():
    checks = checks_of(PLAIN)
    assert exceptions_in(checks) == ()
    assert {check.group for check in checks} == {
        "Window", "Record", "Verification", "Reading", "Material", "Scan", "Label", "Custody", "Result",
        "Specification", "Deviation",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("dossier", "group", "said"),
    [
        (with_step(in_window=False, window_reason="A storm"), "Window", "A storm"),
        (with_step(late_entry_reason="Network down"), "Record", "Network down"),
        (with_step(verified_by=None), "Verification", "Not verified"),
        (with_step(materials=(replace(MATERIAL, expiry_date=date(2020, 1, 1)),)), "Material", "01 Jan 2020"),
        (with_step(materials=(replace(MATERIAL, status="rejected"),)), "Material", "Rejected"),
        (with_reading(within_limits=False, reason="Clumps"), "Reading", "Clumps"),
        (with_reading(corrects=True, reason="Misread"), "Reading", "Corrected to 91.2 %"),
        (replace(PLAIN, scans=(replace(SCAN, matches=False, read="y"),)), "Scan", "Read y"),
        (with_bag(labels=(replace(LABEL, state="printed"),)), "Label", "Printed"),
        (with_bag(labels=(replace(LABEL, copy=2, reprint_reason="Smudged"),)), "Label", "Smudged"),
        (with_bag(handovers=(replace(HANDOVER, temperature_reason="Ice melted"),)), "Custody", "Ice melted"),
        (with_result(state="recorded"), "Result", "91.2 %"),
        (with_result(notes="Unstimulated below range"), "Result", "Unstimulated below range"),
        (with_result(late_entry_reason="Paper"), "Result", "Recorded late: Paper"),
        (with_result(supersedes=7, reason="Diluted wrongly"), "Result", "Diluted wrongly"),
        (evaluated(PLAIN, all_good(ifng_net="312")), "Specification", "312 pg/mL"),
        (replace(PLAIN, deviations=(DEVIATION,)), "Deviation", "Door left open"),
    ],
)
def test_what_is_out_of_the_ordinary_needs_an_eye(dossier, group, said):
    [exception] = exceptions_in(checks_of(dossier))
    assert exception.group == group
    assert said in f"{exception.subject} {exception.found} {exception.reason}"


def test_a_superseded_result_is_not_checked_again():
    both = replace(PLAIN, results=(replace(RESULT, state="superseded", notes="x"), replace(RESULT, id=2)))
    assert exceptions_in(checks_of(both)) == ()
