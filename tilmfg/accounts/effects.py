"""What Celery does for this room after the commit."""

from tilmfg.records.outbox import effect

from .alarms import mail_lock
from .models import Lock


@effect("accounts.report_lock")
def report_lock(*, lock_id):
    mail_lock(Lock.objects.select_related("user", "attempt").get(pk=lock_id))
