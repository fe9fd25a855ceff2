"""A lot in its place: batch harvested, bags stored, results final, waiting for its decision."""

from datetime import date
from decimal import Decimal

from assays.models import Method, Result, SecondReading
from tests import factories
from tests.cast import PASSWORD, credential, person
from tests.release.specifications import GOOD, METHODS, UNITS
from tilmfg.accounts.services import service_account
from tilmfg.quality.models import Deviation
from tilmfg.records.canonical import digest
from tilmfg.records.models import Effect
from tilmfg.records.outbox import deliver_effect
from tilmfg.release import catalogue, services
from tilmfg.release.gates import gates_of
from tilmfg.release.models import Lot, Specification
from tilmfg.release.selectors import dossier_of, lots
from tilmfg.release.selectors.trail import trail_of
from tilmfg.release.services.dispositions import standing_of
from tilmfg.release.states import LotState

FOUND_AS_PLANNED = "Found complete and correct."


def make_specification(indication="melanoma", *, content=catalogue.MELANOMA, since=date(2026, 1, 1)):
    """Drafted by quinn, approved by rosa."""
    drafted = services.draft_specification(
        code=f"SPEC-{indication}",
        name="TIL release",
        indication=indication,
        effective_from_date=since,
        content=content,
        by=person("quinn"),
    )
    return services.approve_specification(
        specification=drafted,
        credential=credential("rosa"),
        reason="Agreed with the clinic.",
        by=person("rosa"),
    )


def make_tested_lot(*, leave_out=(), **values) -> Lot:
    """A harvested lot with all results of its specification, some left out or with another value."""
    if not Specification.objects.filter(approval__isnull=False).exists():
        make_specification()
    batch = factories.make_batch(state="harvested")
    factories.make_execution(batch)
    factories.make_bags(batch.order)
    lot = factories.make_lot(order=batch.order, state=LotState.IN_TESTING)
    for attribute in GOOD:
        if attribute not in leave_out:
            make_result(lot, attribute, values.get(attribute))
    return lot


def make_result(lot, attribute, value=None, **changes) -> Result:
    """A final result by the method that the specification names."""
    value = GOOD[attribute] if value is None else value
    unit = UNITS[attribute]
    finding = {"value": Decimal(value), "unit": unit} if unit else {"text": value}
    return factories.make_result(
        factories.make_sample(batch=lot.order.batch),
        attribute,
        method=_method(METHODS[attribute]),
        **finding | changes,
    )


def make_lot_read_twice() -> Lot:
    """Reviewable; ana read its Gram stain, then ines, who reviewed it."""
    lot = make_tested_lot(leave_out=["gram_stain"])
    result = make_result(lot, "gram_stain", final=False)
    with factories.writing("ines"):
        SecondReading.objects.create(order=lot.order, result=result, text=result.text, read_by=person("ines"))
    factories.review(result)
    evaluate(lot)
    return fresh(lot)


def _method(code):
    units = {attribute: UNITS[attribute] for attribute, by in METHODS.items() if by == code}
    return Method.objects.filter(code=code).first() or factories.make_method(
        code, content=factories.reporting(**units)
    )


def supersede(result, value):
    """Ana measures again: the earlier result steps back behind the new one."""
    with factories.writing():
        Result.objects.filter(pk=result.pk).update(state="superseded")
        new = Result.objects.get(pk=result.pk)
        new.pk, new._state.adding = None, True
        new.raw_value = new.value = Decimal(value)
        new.state, new.review, new.reviewed_by = "recorded", None, None
        new.supersedes_id, new.reason = result.pk, "measured again"
        new.save()
        new.review = factories.sign_for(new, "assays.result", "ines", meaning="reviewed_result")
        new.state, new.reviewed_by = "final", person("ines")
        new.save(update_fields=["state", "review", "reviewed_by"])
    return new


def result_of(lot, attribute) -> Result:
    return Result.objects.exclude(state="superseded").get(order=lot.order, attribute=attribute)


def open_deviation(lot):
    with factories.writing():
        return Deviation.objects.create(
            number=f"DEV-2026-{lot.pk:04}",
            chain=lot.chain,
            subject_kind="release.lot",
            subject_id=lot.pk,
            kind="other",
            title="Door of the incubator left open",
            description="For four minutes.",
            opened_by=person("olga"),
        )


def evaluate(lot):
    return services.evaluate_lot(lot=lot, by=service_account())


def make_reviewable_lot(**values) -> Lot:
    """Evaluated, waiting for QA."""
    lot = make_tested_lot(**values)
    evaluate(lot)
    return fresh(lot)


def fresh(lot) -> Lot:
    return lots().get(pk=lot.pk)


def seen(lot) -> str:
    """The digest of the record as a person sees it now."""
    return dossier_of(fresh(lot)).digest


def look_through(lot, *, by="quinn", password=PASSWORD, **changes):
    """The audit trail is reviewed as it stands."""
    trail = trail_of(fresh(lot))
    arguments = {"seen_sequence": trail.last_sequence, "seen_digest": digest(trail.content)}
    arguments |= {"reason": "Every exception is explained.", "credential": credential(by, password)}
    return services.review_trail(lot=lot, by=person(by), **arguments | changes)


def trail_waits(lot):
    gates = gates_of(standing_of(fresh(lot), dossier_of(fresh(lot))))
    return any(gate.code == "trail" and not gate.is_open for gate in gates)


def review(lot, decision="release", *, by="quinn", password=PASSWORD, **changes):
    if decision == "release" and trail_waits(lot):
        look_through(lot)
    arguments = {"seen_digest": seen(lot), "reason": FOUND_AS_PLANNED, "credential": credential(by, password)}
    return services.sign_review(lot=lot, decision=decision, by=person(by), **arguments | changes)


def sign(disposition, *, by="rosa", password=PASSWORD, **changes):
    arguments = {"seen_digest": seen(disposition.lot), "reason": "I agree."}
    arguments["credential"] = credential(by, password)
    return services.sign_disposition(disposition=disposition, by=person(by), **arguments | changes)


def execute(disposition):
    services.execute_disposition(disposition=disposition, by=service_account())
    disposition.refresh_from_db()
    return disposition


def decide(lot, decision="release"):
    return execute(sign(review(lot, decision)))


def deliver(name):
    """What Celery would do: every promised effect of this name."""
    for effect in Effect.objects.filter(task=name, done_at=None):
        deliver_effect(effect_id=effect.pk)
