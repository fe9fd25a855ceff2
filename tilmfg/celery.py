"""Work off the request path."""

import os

import structlog
from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilmfg.settings")

app = Celery("tilmfg")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logs(**_: object) -> None:
    """Whoever answers this signal takes Celery's own set-up of logs away."""
    from django.conf import settings
    from django.utils.log import configure_logging

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@signals.worker_ready.connect
@signals.beat_init.connect
def tell_of_the_start(sender: object, **_: object) -> None:
    structlog.get_logger(__name__).info("celery.started", kind=type(sender).__name__)
