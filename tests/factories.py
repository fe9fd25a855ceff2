"""Rows that a test stands on, written directly; what a test is about goes through its verb."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from django.db.models.functions import Now

from assays.models import Method, Result
from tests.cast import credential, person, qualify
from tilmfg.accounts.models import User
from tilmfg.batches.models import Batch, ProcessDefinition, Sample, StepExecution
from tilmfg.facility.models import Equipment, MaterialLot, Site, SiteMember
from tilmfg.identity import isbt128
from tilmfg.identity.models import Container, Patient, TherapyOrder
from tilmfg.records import signatures
from tilmfg.records.canonical import digest
from tilmfg.records.context import acting
from tilmfg.records.models import AuditEvent
from tilmfg.release.models import Disposition, Lot, TrailReview
from tilmfg.release.states import LotState

_serial = count(1)
NOW = datetime.now(UTC)


def writing(actor="tests"):
    return acting(actor=actor, verb="tests.stand_on", reason="a test stands on this row")


def make_writer():
    """Verification finds whoever acts: call it before the first row that `writing` writes."""
    with writing(actor="celery"):
        User.objects.create(username="tests", printed_name="Tests", password="!", is_service=True)


def make_site(code="07", *members):
    """A treatment site; `members` are usernames."""
    with writing():
        site, _ = Site.objects.get_or_create(
            code=code, defaults={"name": f"University Hospital {code}", "time_zone": "America/New_York"}
        )
        for username in members:
            SiteMember.objects.get_or_create(site=site, user=person(username))
    return site


def make_equipment(kind, code=None, *, due=None):
    with writing():
        return Equipment.objects.create(
            code=code or f"{kind[:3].upper()}-{next(_serial):03}",
            name=kind.replace("_", " ").capitalize(),
            kind=kind,
            calibration_due_date=due or date.today() + timedelta(days=90),  # noqa: DTZ011
            time_zone="America/New_York",
        )


def make_material_lot(material, *, expiry=None, status="released"):
    serial = next(_serial)
    with writing():
        return MaterialLot.objects.create(
            code=f"ML-{serial:05}",
            material=material,
            name=material.replace("_", " "),
            lot_number=f"L{serial:05}",
            expiry_date=expiry or date.today() + timedelta(days=180),  # noqa: DTZ011
            status=status,
        )


def make_order(*, site=None, state="ordered", indication="melanoma", needed_in_days=40):
    """An order with its patient and its tumor bottle TB1."""
    serial = next(_serial)
    site = site or make_site()
    with writing():
        order = TherapyOrder.objects.create(
            # An earlier year's: these numbers never meet those that the verb issues.
            coi_id=str(isbt128.issue("A9999", 2025, serial)),
            lot_number=f"TIL-2025-{serial:04}",
            patient=Patient.objects.create(pseudonym=f"PT-{serial:04}"),
            site=site,
            indication=indication,
            procurement="resection",
            needed_by_date=(NOW + timedelta(days=needed_in_days)).date(),
            state=state,
            placed_by=person("adam"),
        )
        Container.objects.create(
            order=order,
            code="TB1",
            kind="tumor_bottle",
            state="in_use" if state == "received" else "labelled",
        )
    return order


def sign_for(subject, kind, username, meaning="approved", content=None, *, version=None):
    """A signature over `content`, else over what is signed of such a record; nobody signs in another's name."""
    credential(username)
    with acting(actor=username, verb="tests.sign"):
        return signatures.write(
            subject=subject,
            kind=kind,
            version=version or signatures.version_of(subject),
            content=content or {"subject": subject.pk},
            meaning=meaning,
            reason="a test stands on this",
            by=person(username),
        )


def make_definition(content=None, code="test-process"):
    """An approved process definition."""
    content = content or {"steps": []}
    with writing():
        definition = ProcessDefinition.objects.create(
            code=code,
            version=next(_serial),
            name="Test process",
            content=content,
            digest=digest(content),
            drafted_by=person("quinn"),
        )
        definition.approval = sign_for(definition, "batches.definition", "rosa")
        definition.save(update_fields=["approval"])
    for username in ("olga", "tomas"):
        qualify(username, definition.qualification)
    return definition


def make_batch(*, order=None, definition=None, started_days_ago=24, state="in_process"):
    order = order or make_order(state="received")
    definition = definition or make_definition()
    with writing():
        return Batch.objects.create(
            order=order,
            definition=definition,
            started_at=NOW - timedelta(days=started_days_ago),
            started_by=person("olga"),
            state=state,
        )


def make_execution(batch, step="harvest", *, performed_at=None, verified=True):
    with writing():
        return StepExecution.objects.create(
            order=batch.order,
            batch=batch,
            step=step,
            performed_by=person("olga"),
            performed_at=performed_at or NOW - timedelta(days=2),
            in_window=True,
            state="verified" if verified else "recorded",
            verified_by=person("tomas") if verified else None,
            verified_at=Now() if verified else None,
        )


def make_sample(*, batch=None, purpose="ifng", stage="pre_freeze", code=None):
    batch = batch or make_batch(state="harvested")
    execution = batch.executions.filter(step="harvest").first() or make_execution(batch)
    code = code or f"QC{next(_serial) % 900 + 1}"
    with writing():
        vial = Container.objects.create(order=batch.order, code=code, kind="vial", state="in_use")
        return Sample.objects.create(
            name=f"{batch.order.lot_number}-{code}",
            order=batch.order,
            batch=batch,
            execution=execution,
            container=vial,
            purpose=purpose,
            stage=stage,
            drawn_by=person("olga"),
            drawn_at=NOW - timedelta(days=15),  # long enough ago for a culture to be read
        )


def make_bags(order, count=2, *, state="stored", viable_cells=Decimal("12000000000"), expiry=None):
    with writing():
        return [
            Container.objects.create(
                order=order,
                code=f"BG{number}",
                kind="bag",
                number=number,
                group_size=count,
                state=state,
                volume_ml=Decimal("110"),
                viable_cells=viable_cells,
                expiry_date=expiry or (NOW + timedelta(days=180)).date(),
            )
            for number in range(1, count + 1)
        ]


def make_method(code, *, kind="form", content=None):
    content = content or {}
    with writing():
        method = Method.objects.create(
            code=code, version=next(_serial), name=code, kind=kind, content=content, digest=digest(content)
        )
        method.approval = sign_for(method, "assays.method", "rosa")
        method.save(update_fields=["approval"])
    for username in ("ana", "ines"):
        qualify(username, method.qualification)
    return method


def reporting(**units):
    """Content of a method that reports these attributes, each in its unit, at any stage."""
    return {
        "results": [
            {"attribute": attribute, "unit": unit, "stages": ["in_process", "pre_freeze", "post_thaw"]}
            for attribute, unit in units.items()
        ]
    }


def make_result(
    sample, attribute, *, value=None, text="", unit="", decimals=0, final=True, missing="", method=None
):
    """A result as ana recorded and ines reviewed it."""
    with writing():
        result = Result.objects.create(
            order=sample.order,
            sample=sample,
            method=method or make_method(attribute, content=reporting(**{attribute: unit})),
            attribute=attribute,
            stage=sample.stage,
            raw_value=value,
            value=value,
            decimals=decimals,
            text=text,
            unit=unit,
            missing=missing,
            performed_at=NOW,
            recorded_by=person("ana"),
        )
    if final:
        review(result)
    return result


def review(result):
    """Ines finds it correct: it is final."""
    with writing():
        result.state, result.reviewed_by = "final", person("ines")
        result.review = sign_for(result, "assays.result", "ines", meaning="reviewed_result")
        result.save(update_fields=["state", "review", "reviewed_by"])


def make_lot(*, order=None, state=LotState.EXPANDING):
    """A lot in the state asked for; decided ones get their two signatures, as the database demands."""
    order = order or make_order(state="received")
    way = {
        LotState.EXPANDING: (),
        LotState.IN_TESTING: (LotState.IN_TESTING,),
        LotState.QA_REVIEW: (LotState.IN_TESTING, LotState.QA_REVIEW),
        LotState.RELEASED: (LotState.IN_TESTING, LotState.QA_REVIEW, LotState.RELEASED),
        LotState.REJECTED: (LotState.IN_TESTING, LotState.QA_REVIEW, LotState.REJECTED),
    }[state]
    with writing():
        lot, _ = Lot.objects.get_or_create(order=order)
        for step in way:
            if step in (LotState.RELEASED, LotState.REJECTED):
                decide(lot, "release" if step == LotState.RELEASED else "reject")
            lot.state = step
            lot.save(update_fields=["state"])
    return lot


def review_trail(lot, *, by="quinn"):
    """As the database demands it before a release: signed over the last event of the order's chain."""
    last = AuditEvent.objects.filter(chain=lot.chain).latest("seq")
    with writing():
        return TrailReview.objects.create(
            order=lot.order,
            lot=lot,
            last_sequence=last.seq,
            last_hash=bytes(last.hash).hex(),
            events=last.seq,
            noticed=0,
            signature=sign_for(
                lot,
                "release.trail",
                by,
                "trail_reviewed",
                {"last_hash": bytes(last.hash).hex()},
                version=last.seq,
            ),
        )


def decide(lot, decision):
    if decision == "release":
        review_trail(lot)
    content = {"lot": lot.pk, "decision": decision}
    disposition = Disposition.objects.create(
        order=lot.order,
        lot=lot,
        decision=decision,
        digest=digest(content),
        review=sign_for(lot, "release.lot", "quinn", "reviewed", content),
    )
    disposition.approval = sign_for(lot, "release.lot", "rosa", "approved", content)
    for state in ("signed", "executed"):
        disposition.state = state
        disposition.save(update_fields=["state", "approval"])
    return disposition
