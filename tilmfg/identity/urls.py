from django.urls import path

from . import views

urlpatterns = [
    path("", views.orders, name="orders"),
    path("new/", views.order_new, name="order_new"),
    path("labels/<int:pk>/", views.label, name="label"),
    path("labels/<int:pk>/apply/", views.label_apply, name="label_apply"),
    path("labels/<int:pk>/destroy/", views.label_destroy, name="label_destroy"),
    path("scans/<int:pk>/", views.mismatch, name="mismatch"),
    path("<str:coi_id>/", views.order, name="order"),
    path("<str:coi_id>/again/", views.order_new, name="order_again"),
    path("<str:coi_id>/person/", views.order_person, name="order_person"),
    path("<str:coi_id>/receive/", views.receive_tumor, name="receive_tumor"),
    path("<str:coi_id>/resume/", views.order_resume, name="order_resume"),
    path("<str:coi_id>/report.pdf", views.order_report, name="order_report"),
    path("<str:coi_id>/report.csv", views.order_report_csv, name="order_report_csv"),
    path("<str:coi_id>/containers/<str:code>/label/", views.label_print, name="label_print"),
]
