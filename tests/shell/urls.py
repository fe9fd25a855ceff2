"""The house with its gallery of components open."""

from django.urls import include, path

urlpatterns = [path("gallery/", include("tilmfg.shell.urls")), path("", include("tilmfg.urls"))]
