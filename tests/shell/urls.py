"""The house with its gallery of components open, and a place where scans arrive."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("gallery/", include("tilmfg.shell.urls")),
    path("scan", lambda request: HttpResponse(request.GET["scan"]), name="scan"),
    path("", include("tilmfg.urls")),
]
