"""What beat has done about accounts."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from tilmfg.records.days import facility_today

from . import refusals, services


@shared_task(name="accounts.sweep_sessions")
def sweep_sessions(**_):
    """An ended session opens nothing; its row goes too, for it still says who was here and when."""
    Session.objects.filter(expire_date__lt=Now()).delete()


@shared_task(name="accounts.tell_refusals")
def tell_refusals(**_):
    """How often somebody was refused within a minute, once it is over."""
    refusals.tell_bursts()


@shared_task(name="accounts.remind_of_reviews")
def remind_of_reviews(**_):
    """Once a week as long as an account is due for review."""
    today = facility_today()
    services.remind_of_reviews(monday=today - timedelta(days=today.weekday()), by=services.service_account())
