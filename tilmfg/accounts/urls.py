from django.urls import path

from .views import account, people, signing_in, statement, training

urlpatterns = [
    path("login", signing_in.login, name="login"),
    path("login/code", signing_in.login_code, name="login_code"),
    path("login/authenticator", signing_in.enrol, name="enrol"),
    path("logout", signing_in.logout, name="logout"),
    path("invited", account.invited, name="invited"),
    path("me/", account.account, name="account"),
    path("me/password", account.password_change, name="password_change"),
    path("me/recovery-codes", account.recovery_codes, name="recovery_codes"),
    path("me/recovery-codes/new", account.recovery_codes_issue, name="recovery_codes_issue"),
    path("statement", statement.statement, name="statement"),
    path("statement/publish", statement.statement_publish, name="statement_publish"),
    path("training", training.own_training, name="own_training"),
    path("training/people", training.training_matrix, name="training"),
    path("training/people/<str:username>/", training.person_training, name="person_training"),
    path("training/people/<str:username>/give", training.qualification_give, name="qualification_give"),
    path("training/<int:pk>/revoke", training.qualification_revoke, name="qualification_revoke"),
    path("people/", people.people, name="people"),
    path("people/new", people.person_register, name="person_register"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/invite", people.person_invite, name="person_invite"),
    path("people/<str:username>/unlock", people.person_unlock, name="person_unlock"),
    path("people/<str:username>/deactivate", people.person_deactivate, name="person_deactivate"),
    path("people/<str:username>/reactivate", people.person_reactivate, name="person_reactivate"),
    path("people/<str:username>/roles/grant", people.role_grant, name="role_grant"),
    path("people/<str:username>/roles/revoke", people.role_revoke, name="role_revoke"),
    path(
        "people/<str:username>/authenticator/reset",
        people.person_reset_authenticator,
        name="person_reset_authenticator",
    ),
]
