"""The world that the pages are visited in, and the visit."""

import uuid
from copy import deepcopy

import pytest
from django.db import transaction
from django.test import Client

from tests import factories
from tests.cast import CAST, person

from .headers import assert_safe
from .world import FacilityStory, Story, World


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Made once for all rows and never written: the package is one transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        clients = {None: Client()}
        for username in CAST:
            clients[username] = Client()
            clients[username].force_login(person(username))
        yield World(
            own=FacilityStory(factories.make_site("07", "sam", "nora")),
            foreign=Story(factories.make_site("12")),
            clients=clients,
        )
        transaction.set_rollback(True)


@pytest.fixture
def visit(world):
    """What a member of the cast, or nobody, is answered, always with its headers; nothing that it wrote stays."""

    def answer(username, url, *, post=False):
        client = world.clients[username]
        cookies = deepcopy(client.cookies)
        answered = client.post(url, {"idempotency_key": str(uuid.uuid4())}) if post else client.get(url)
        client.cookies = cookies  # logging out takes them away
        assert_safe(answered)
        return answered

    with transaction.atomic():
        yield answer
        transaction.set_rollback(True)
