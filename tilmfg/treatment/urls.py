from django.urls import path

from . import views

urlpatterns = [
    path("", views.treatment, name="treatment"),
    path("<str:lot_number>/", views.treatment_lot, name="treatment_lot"),
    path("<str:lot_number>/bags/<str:code>/receive", views.receive_at_site, name="receive_at_site"),
    path("<str:lot_number>/bags/<str:code>/bedside", views.bedside, name="bedside"),
    path("<str:lot_number>/checks/<int:pk>/", views.bedside_mismatch, name="bedside_mismatch"),
    path("<str:lot_number>/checks/<int:pk>/infuse", views.infuse, name="infuse"),
]
