from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import isbt128


class IdentityConfig(AppConfig):
    name = "tilmfg.identity"
    label = "identity"

    def ready(self):
        try:
            isbt128.issue(settings.TILMFG_FACILITY_NUMBER, 2026, 0)
        except isbt128.UnableToIssueIdentifier as refusal:
            raise ImproperlyConfigured(f"TILMFG_FACILITY_NUMBER: {refusal}") from None
        from . import chains  # noqa: F401
