from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from . import views

urlpatterns = [
    path("lots/", views.Lots.as_view(), name="api_lots"),
    path("lots/<str:lot_number>/", views.OneLot.as_view(), name="api_lot"),
    path("orders/<str:coi_id>/events/", views.OrderEvents.as_view(), name="api_order_events"),
    path("about/", views.About.as_view(), name="api_about"),
    path("schema/", SpectacularJSONAPIView.as_view(), name="api_schema"),
]
