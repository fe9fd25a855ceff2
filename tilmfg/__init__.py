"""The electronic record of an autologous TIL cell-therapy manufacturing facility."""

from .celery import app as celery_app

__all__ = ["celery_app"]
