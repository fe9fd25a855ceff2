"""Work off the request path."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilmfg.settings")

app = Celery("tilmfg")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
