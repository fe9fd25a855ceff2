"""The house's settings on servers of the checkout's own, which tests may wreck.

pytest-django loads settings before any conftest.py, hence a settings module. TEST_DATABASE and
TEST_REDIS_URL reach the processes that tests start.
"""

import os
from pathlib import Path

if "TEST_DATABASE" not in os.environ:  # a developer's own facility has no say here
    for name in [
        name for name in os.environ if name.startswith(("DATABASE_", "REDIS_", "TILMFG_", "DJANGO_DEBUG"))
    ]:
        del os.environ[name]
os.environ["TILMFG_VAR"] = str(Path(__file__).resolve().parent.parent / ".cache/test")

from tilmfg.environment import broker_url
from tilmfg.settings import *  # noqa: F403
from tilmfg.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, STATIC_ROOT

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
TILMFG_ORIGIN = "https://til.example.org"
DATABASES["default"]["NAME"] = os.environ.get("TEST_DATABASE", "not yet cloned")
DATABASES["default"]["CONN_MAX_AGE"] = 0  # a clone is dropped under whoever is still connected
if "TEST_REDIS_URL" in os.environ:
    REDIS_URL = os.environ["TEST_REDIS_URL"]
    CELERY_BROKER_URL = broker_url(REDIS_URL)
if "TEST_VISIBILITY_TIMEOUT" in os.environ:  # and looked at as often as can be
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "visibility_timeout": int(os.environ["TEST_VISIBILITY_TIMEOUT"]),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, not safe
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(exist_ok=True)  # empty: files are found where they lie
