"""What Celery does for this room after the commit, as the program's own account."""

from tilmfg.accounts.services import service_account
from tilmfg.records.outbox import effect

from . import services
from .models import Disposition, Lot


@effect("release.evaluate")
def evaluate(*, lot_id):
    services.evaluate_lot(lot=Lot.objects.get(pk=lot_id), by=service_account())


@effect("release.execute")
def execute(*, disposition_id):
    services.execute_disposition(disposition=decision(disposition_id), by=service_account())


@effect("release.issue_certificate")
def issue_certificate(*, disposition_id):
    services.issue_certificate(disposition=decision(disposition_id), by=service_account())


@effect("release.issue_report")
def issue_report(*, disposition_id):
    services.issue_report(disposition=decision(disposition_id), by=service_account())


def decision(disposition_id):
    return Disposition.objects.select_related("lot__order", "review", "approval").get(pk=disposition_id)
