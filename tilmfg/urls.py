from django.urls import include, path

from .health import healthz

urlpatterns = [
    path("", include("tilmfg.home.urls")),
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("tilmfg.accounts.urls")),
    path("sites/", include("tilmfg.facility.urls")),
    path("records/", include("tilmfg.records.urls")),
    path("quality/", include("tilmfg.quality.urls")),
    path("orders/", include("tilmfg.identity.urls")),
    path("floor/", include("tilmfg.batches.urls")),
    path("laboratory/", include("assays.urls")),
    path("lots/", include("tilmfg.release.urls")),
    path("treatment/", include("tilmfg.treatment.urls")),
    path("api/", include("tilmfg.api.urls")),
]
