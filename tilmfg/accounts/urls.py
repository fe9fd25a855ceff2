from django.urls import path

from .views import people, signing_in

urlpatterns = [
    path("login", signing_in.login, name="login"),
    path("login/code", signing_in.login_code, name="login_code"),
    path("login/authenticator", signing_in.enrol, name="enrol"),
    path("logout", signing_in.logout, name="logout"),
    path("people/", people.people, name="people"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/unlock", people.person_unlock, name="person_unlock"),
    path(
        "people/<str:username>/authenticator/reset",
        people.person_reset_authenticator,
        name="person_reset_authenticator",
    ),
]
