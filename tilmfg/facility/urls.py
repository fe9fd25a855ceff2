from django.urls import path

from . import views

urlpatterns = [
    path("", views.sites, name="sites"),
    path("<str:code>/admit", views.site_admit, name="site_admit"),
    path("<str:code>/people/<str:username>/dismiss", views.site_dismiss, name="site_dismiss"),
]
