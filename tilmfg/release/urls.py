from django.urls import path

from . import views

urlpatterns = [
    path("", views.lots, name="lots"),
    path("documents/<int:pk>/", views.document, name="document"),
    path("<str:lot_number>/", views.lot, name="lot"),
    path("<str:lot_number>/trail/", views.lot_trail, name="lot_trail"),
    path("<str:lot_number>/review/", views.lot_review, name="lot_review"),
    path("<str:lot_number>/disposition/", views.lot_disposition, name="lot_disposition"),
    path("<str:lot_number>/disposition/return/", views.lot_return, name="lot_return"),
    path("<str:lot_number>/disposition/progress/", views.lot_progress, name="lot_progress"),
]
