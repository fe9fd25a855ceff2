"""Work of the laboratory after the commit, done by Celery exactly once."""

from tilmfg.accounts.services import service_account
from tilmfg.records.outbox import effect

from . import services
from .models import Run
from .states import BEING_COMPUTED


@effect("assays.compute_run")
def compute_run(*, run_id, **_):
    run = Run.objects.select_related("method", "analyst").get(pk=run_id)
    if run.state in BEING_COMPUTED:
        services.compute_run(run=run, by=service_account())
