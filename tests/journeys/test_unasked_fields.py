"""What a form does not ask for is sent with it all the same: `state`, `signed_by`, ids, every column there is. SEC-04.

What is sent breaks the record or can be found in it if any of it is taken; and the way itself ends as it always does.
"""

import pytest
from django.apps import apps
from django.db import connection, models

from tests.journeys import steps
from tests.journeys.person import Person
from tilmfg.accounts.models import User
from tilmfg.demonstration.people import PASSWORD
from tilmfg.identity import vault
from tilmfg.identity.models import PatientVault, TherapyOrder
from tilmfg.release.states import LotState

TEXT, NUMBER, DAY = "nobody-asked-for-this", 2147480647, "1987-06-05"
ROOMS = {
    "accounts",
    "assays",
    "batches",
    "facility",
    "identity",
    "quality",
    "records",
    "release",
    "treatment",
}
MOST = 900  # the server takes a thousand fields


def value_for(field: models.Field) -> str:
    """Something that the column would take, and that stands nowhere else."""
    if isinstance(field, models.BooleanField):
        return "true"
    if isinstance(field, models.DateTimeField):
        return f"{DAY}T04:03:02Z"
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, models.IntegerField | models.DecimalField | models.FloatField | models.ForeignKey):
        return str(NUMBER)
    if field.choices:
        return str(list(field.flatchoices)[-1][0])  # "infused", "released", the highest role
    return TEXT


def every_column() -> dict[str, str]:
    """By the names that Python and the database give them, and what an attacker of Django would try besides."""
    found = {
        "is_staff": "true",
        "is_superuser": "true",
        "roles": "system_administrator",
        "disposition": "release",
    }
    for model in apps.get_models():
        if model._meta.app_label in ROOMS:
            for field in model._meta.concrete_fields:
                found |= {field.name: value_for(field), field.attname: value_for(field)}
    return found


@pytest.fixture
def everything_sent(monkeypatch):
    """Each form goes out with every column that it has no field for."""
    columns, sent = every_column(), []
    assert {"state", "signer_id", "order_id", "is_active", "session_epoch"} <= columns.keys()
    assert len(columns) < MOST
    post = Person._post

    def post_all(self, url, values):
        sent.append(url)
        return post(self, url, columns | values)

    monkeypatch.setattr(Person, "_post", post_all)
    return sent


def rows_that_took_any():
    """Of all tables, the audit trail with everything that ever was in them included."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label in ROOMS:
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(
                    f"SELECT row::text FROM {table} row WHERE row::text ~ %s",
                    [f"{TEXT}|{NUMBER}|{DAY}"],
                )
                found += [(model._meta.label, text) for (text,) in cursor.fetchall()]
    return found


def test_nothing_unasked_is_taken_from_tumor_to_release(house, everything_sent):
    order = steps.place_order(house)
    assert steps.receive_tumor(house, order).status == 200
    steps.manufacture(house, order)
    steps.measure(house, order, net_pg_per_ml=2400.0)
    steps.decide(house, order, "release", becomes=LotState.RELEASED)
    assert len(everything_sent) > 50
    assert rows_that_took_any() == []
    [sealed] = PatientVault.objects.all()
    assert vault.unseal(sealed.sealed).name == "Invented Patient 1"
    assert TherapyOrder.objects.get() == order


def test_nothing_unasked_is_taken_about_people(house, everything_sent):
    house.root.must_send(
        "/accounts/people/new",
        username="nils",
        printed_name="Nils Berg",
        roles="technician",
        password=PASSWORD,
    )
    nils = User.objects.get(username="nils")
    assert (nils.roles, nils.is_service, nils.session_epoch) == ({"technician"}, False, 1)
    assert not nils.has_usable_password()
    house.root.must_send("/accounts/people/nils/invite", reason="First day at work", password=PASSWORD)
    house.root.must_send(
        "/accounts/people/nils/roles/grant", role="analyst", reason="Trained at the bench", password=PASSWORD
    )
    assert User.objects.get(pk=nils.pk).roles == {"technician", "analyst"}
    house.root.must_send("/accounts/people/nils/deactivate", reason="Left the company")
    assert not User.objects.get(pk=nils.pk).is_active
    assert rows_that_took_any() == []


def test_what_is_taken_would_be_found(house):
    """The search above is no search for nothing."""
    house.root.must_send(
        "/accounts/people/new", username="nils", printed_name=TEXT, roles="technician", password=PASSWORD
    )
    assert {label for label, _ in rows_that_took_any()} == {"accounts.User", "records.AuditEvent"}
