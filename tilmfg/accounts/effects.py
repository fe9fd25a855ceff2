"""What Celery does for this room after the commit."""

from tilmfg.records.outbox import effect

from .alarms import mail_lock, mail_reviews
from .models import Lock
from .standing import due_for_review


@effect("accounts.report_lock")
def report_lock(*, lock_id):
    mail_lock(Lock.objects.select_related("user", "attempt").get(pk=lock_id))


@effect("accounts.report_reviews")
def report_reviews(*, monday):
    mail_reviews(list(due_for_review()), monday=monday)
