from django.urls import path

from . import views

urlpatterns = [
    path("deviations/", views.deviations, name="deviations"),
    path("deviations/<str:number>/", views.deviation, name="deviation"),
    path("deviations/<str:number>/close/", views.deviation_close, name="deviation_close"),
]
