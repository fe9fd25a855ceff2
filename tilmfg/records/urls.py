from django.urls import path

from . import views

urlpatterns = [
    path("", views.records, name="records"),
    path("export.csv", views.export, name="records_export"),
    path("<slug:relation>/<int:key>/", views.record_history, name="record_history"),
]
