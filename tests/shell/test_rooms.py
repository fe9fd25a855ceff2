"""Who is offered which room."""

import pytest
from django.test import override_settings
from django.urls import path

from tilmfg.accounts.roles import Role
from tilmfg.shell.rooms import ENTRANCES, rooms_for


class Person:
    def __init__(self, *roles):
        self.roles = roles

    def holds(self, *roles):
        return bool(set(roles) & set(self.roles))


def _page(request): ...


urlpatterns = [
    path("floor/", _page, name="floor"),
    path("laboratory/", _page, name="laboratory"),
    path("lots/", _page, name="lots"),
    path("deviations/", _page, name="deviations"),
    path("treatment/", _page, name="treatment"),
]


def _offered(person, here="/"):
    with override_settings(ROOT_URLCONF=__name__):
        return rooms_for(person, here)


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("technician", ["Floor"]),
        ("analyst", ["Laboratory"]),
        ("site", ["Treatment sites"]),
        ("qa_reviewer", ["Floor", "Laboratory", "Quality", "Treatment sites"]),
    ],
)
def test_it_offers_only_what_the_person_may_enter(role, names):
    assert [room.name for room in _offered(Person(role))] == names


def test_it_offers_nothing_to_an_outsider():
    assert _offered(Person()) == []


def test_it_leaves_out_a_room_whose_page_does_not_exist():
    assert "Identity" not in [room.name for room in _offered(Person("identity_administrator"))]


@pytest.mark.parametrize("here", ["/lots/", "/lots/TIL-2026-0042/", "/deviations/7"])
def test_it_marks_the_room_one_is_in(here):
    assert [room.name for room in _offered(Person("qa_reviewer"), here) if room.active] == ["Quality"]


def test_it_names_only_roles_that_exist():
    assert {role for entrance in ENTRANCES for role in entrance.roles} <= set(Role.values)
