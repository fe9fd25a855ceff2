from django.urls import path

from . import views

urlpatterns = [
    path("", views.floor, name="floor"),
    path("start/<str:coi_id>/", views.batch_start, name="batch_start"),
    path("<str:lot_number>/", views.batch, name="batch"),
    path("<str:lot_number>/readings/<int:pk>/correct/", views.reading_correct, name="reading_correct"),
    path("<str:lot_number>/readings/<int:pk>/confirm/", views.reading_confirm, name="reading_confirm"),
    path("<str:lot_number>/<str:step>/", views.step, name="step"),
    path("<str:lot_number>/<str:step>/labels/", views.step_labels, name="step_labels"),
    path("<str:lot_number>/<str:step>/labels/<str:prefix>/destroy/", views.step_discard, name="step_discard"),
    path("<str:lot_number>/<str:step>/scan/", views.step_scan, name="step_scan"),
    path("<str:lot_number>/<str:step>/verify/", views.step_verify, name="step_verify"),
]
