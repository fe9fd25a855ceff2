"""Each gate alone keeps a lot from being released (REL-17, P11-06); deleting one in the code fails a test here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

import pytest

from tests.release.specifications import MELANOMA, all_good
from tilmfg.release import dossier as d
from tilmfg.release.gates import Standing, blockers_of, gates_of, ready_on
from tilmfg.release.rules import evaluate

TODAY = date(2026, 11, 23)
HARVEST = datetime(2026, 11, 9, 10, tzinfo=UTC)
OLGA, TOMAS, ADAM = (d.Person(username=name, printed_name=name.title()) for name in ("olga", "tomas", "adam"))
SPECIFICATION = d.Specification(
    id=1,
    code="S",
    version=1,
    name="S",
    digest="5" * 64,
    product="TIL",
    criteria=MELANOMA.criteria,
)
MATERIAL = d.Material(
    slot="medium",
    code="ML-1",
    name="Medium",
    lot_number="L1",
    expiry_date=date(2027, 1, 1),
    status="released",
)
STEP = d.Step(
    code="harvest",
    name="Harvest",
    performed_by=OLGA,
    performed_at=HARVEST,
    in_window=True,
    window_reason="",
    late_entry_reason="",
    state="verified",
    verified_by=TOMAS,
    verified_at=HARVEST,
    readings=(),
    materials=(MATERIAL,),
    equipment=(),
)
LABEL = d.Label(template="bag-1", copy=1, reprint_reason="", state="applied", printed_by=ADAM)
BAG = d.Container(
    code="BG1",
    kind="bag",
    number=1,
    group_size=1,
    state="stored",
    volume_ml=Decimal(110),
    viable_cells=Decimal("12e9"),
    expiry_date=date(2027, 5, 1),
    labels=(LABEL,),
    origins=(),
    handovers=(),
)
SCAN = d.Scan(purpose="fill", expected="x", read="x", matches=True, scanned_by=OLGA, recorded_at=HARVEST)
DEVIATION = d.Deviation(
    number="DEV-2026-0001",
    kind="other",
    title="Door left open",
    state="closed",
    classification="minor",
    impact="none",
    opened_at=HARVEST,
)


def evaluated(dossier, results):
    return replace(dossier, evaluation=evaluate(MELANOMA, results))


READY = evaluated(
    d.Dossier(
        record_version=12,
        order=d.Order(
            lot_number="TIL-2026-0042",
            coi_id="CHA999926000042",
            check_character="I",
            patient="PT-0042",
            site="07",
            indication="melanoma",
            procurement="resection",
            needed_by_date=date(2026, 12, 1),
            state="received",
        ),
        batch=d.Batch(
            definition="Gen 2",
            definition_version=1,
            definition_digest="d" * 64,
            started_at=HARVEST - timedelta(days=22),
            planned_harvest_date=HARVEST.date(),
            harvest_date=HARVEST.date(),
            state="harvested",
        ),
        steps=(STEP,),
        results=(),
        specification=SPECIFICATION,
        evaluation=None,
        deviations=(DEVIATION,),
        containers=(BAG,),
        scans=(SCAN,),
    ),
    all_good(),
)


def standing(dossier=READY, *, lot_state="qa_review", evaluated=True, trail_reviewed=True, today=TODAY):
    digest = dossier.evaluation_digest if evaluated else "another"
    return Standing(
        dossier=dossier,
        lot_state=lot_state,
        evaluated=digest,
        trail_reviewed_to=dossier.record_version if trail_reviewed else None,
        today=today,
    )


def with_order(**changes):
    return replace(READY, order=replace(READY.order, **changes))


def with_batch(**changes):
    return replace(READY, batch=replace(READY.batch, **changes))


def with_bag(**changes):
    return replace(READY, containers=(replace(BAG, **changes),))


def without(attribute):
    return evaluated(READY, [result for result in all_good() if result.attribute != attribute])


# gate → the dossier in which it alone is shut
SHUT = {
    "order": with_order(state="stopped"),
    "scans": replace(READY, scans=(SCAN, replace(SCAN, matches=False))),
    "batch": with_batch(state="in_process"),
    "steps": replace(READY, steps=(STEP, replace(STEP, state="recorded"))),
    "materials": replace(READY, steps=(replace(STEP, materials=(replace(MATERIAL, status="rejected"),)),)),
    "criteria": evaluated(READY, all_good(ifng_net="312")),
    "deviations": replace(READY, deviations=(DEVIATION, replace(DEVIATION, state="open"))),
    "product": with_bag(expiry_date=TODAY - timedelta(days=1)),
    "labels": with_bag(labels=(replace(LABEL, state="printed"),)),
}


def shut_gates(standing, decision="release"):
    return {gate.code for gate in gates_of(standing, decision=decision) if not gate.is_open}


def test_a_lot_that_fulfils_everything_has_every_gate_open():
    assert shut_gates(standing()) == set()


@pytest.mark.parametrize("gate", SHUT)
def test_each_gate_alone_is_shut_by_what_it_is_about(gate):
    assert shut_gates(standing(SHUT[gate])) == {gate}


@pytest.mark.parametrize(
    ("gate", "kind"),
    [
        ("lot", {"lot_state": "in_testing"}),
        ("evaluation", {"evaluated": False}),
        ("trail", {"trail_reviewed": False}),
    ],
)
def test_where_the_lot_stands_shuts_a_gate_of_its_own(gate, kind):
    assert shut_gates(standing(**kind)) == {gate}


def test_every_gate_is_proved_here():
    assert {gate.code for gate in gates_of(standing())} == {*SHUT, "lot", "evaluation", "trail"}


PARTS = ("order", "batch", "steps", "evaluation", "deviations", "containers", "scans")


def changed_part(gate):
    [part] = [part for part in PARTS if getattr(SHUT[gate], part) != getattr(READY, part)]
    return part


PAIRS = [pair for pair in combinations(SHUT, 2) if len({changed_part(gate) for gate in pair}) == 2]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_reasons_do_not_cancel_each_other(one, other):
    part = changed_part(other)
    both = replace(SHUT[one], **{part: getattr(SHUT[other], part)})
    assert shut_gates(standing(both)) == {one, other}


@pytest.mark.parametrize(
    ("dossier", "sentence"),
    [
        (with_order(state="ordered"), "The tumor has not been received"),
        (replace(READY, batch=None), "The batch has not been started"),
        (with_batch(state="terminated"), "terminated"),
        (replace(READY, containers=()), "no product bag"),
        (with_bag(expiry_date=None), "no expiry date"),
        (replace(READY, specification=None, evaluation=None), "No approved specification for melanoma"),
        (without("sterility"), "Sterility is missing"),
    ],
)
def test_it_says_in_words_what_blocks(dossier, sentence):
    assert any(sentence in blocker.sentence for blocker in blockers_of(standing(dossier)))


def test_a_record_that_went_on_after_its_trail_was_reviewed_is_reviewed_again():
    [blocker] = blockers_of(replace(standing(), trail_reviewed_to=READY.record_version - 1))
    assert "changed after its audit trail was reviewed" in blocker.sentence


@pytest.mark.parametrize("state", ["released", "rejected", "infused", "expanding"])
def test_a_lot_is_decided_only_while_it_waits_for_qa(state):
    for decision in ("release", "reject"):
        assert "lot" in shut_gates(standing(lot_state=state), decision)


@pytest.mark.parametrize("gate", SHUT)
def test_nothing_about_the_product_keeps_a_lot_from_being_rejected(gate):
    assert shut_gates(standing(SHUT[gate]), "reject") == set()


def test_a_missing_result_says_when_it_is_expected():
    [blocker] = blockers_of(standing(without("sterility")))
    assert blocker.on == date(2026, 11, 23)
    assert not blocker.is_failure


def test_before_the_harvest_one_line_stands_for_all_results_to_come():
    growing = evaluated(with_batch(state="in_process", harvest_date=None), [])
    results = [blocker for blocker in blockers_of(standing(growing)) if "results" in blocker.sentence]
    assert [blocker.sentence for blocker in results] == ["10 of 10 results come after the harvest."]
    assert results[0].on == HARVEST.date() + timedelta(days=14)


def test_a_failure_says_that_it_is_one():
    [blocker] = blockers_of(standing(SHUT["criteria"]))
    assert blocker.is_failure
    assert blocker.on is None


# ── When it can be ready ─────────────────────────────────────────────────────────────────────────


def test_it_can_be_ready_today_when_nothing_is_missing():
    assert ready_on(standing()) == TODAY


def test_it_can_be_ready_when_the_last_result_is_due():
    assert ready_on(standing(without("sterility"), today=date(2026, 11, 12))) == date(2026, 11, 23)


def test_an_overdue_result_can_still_come_today():
    assert ready_on(standing(without("sterility"), today=date(2026, 12, 5))) == date(2026, 12, 5)


def test_an_expanding_lot_can_be_ready_after_its_planned_harvest():
    growing = with_batch(state="in_process", harvest_date=None)
    nothing_yet = evaluated(replace(growing, containers=()), [])
    assert ready_on(standing(nothing_yet, lot_state="expanding", today=date(2026, 11, 1))) == date(
        2026, 11, 23
    )


def test_a_lot_that_fails_cannot_be_ready():
    assert ready_on(standing(SHUT["criteria"])) is None
