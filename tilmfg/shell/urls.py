"""The components on show; only reachable where the program is being worked on."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("<slug:page>/", views.gallery, name="gallery_page"),
]
