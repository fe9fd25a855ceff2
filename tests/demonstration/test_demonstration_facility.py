"""The demonstration facility is made through the verbs, so it is legal data; it holds a lot in every state."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from tests.cast import code_of, with_authenticator
from tilmfg.release.models import Lot


@pytest.mark.django_db
def test_it_holds_a_lot_in_every_state_and_is_made_once(capsys):
    call_command("demonstration_facility")
    states = Counter(Lot.objects.values_list("state", flat=True))
    assert states >= Counter(expanding=2, in_testing=1, qa_review=1, released=1, rejected=1, infused=1), (
        capsys.readouterr().out
    )
    assert Lot.objects.filter(order__state="stopped").count() == 1
    with pytest.raises(CommandError, match="people in this database already"):
        call_command("demonstration_facility")


def test_it_prints_the_accounts(capsys):
    call_command("demonstration_facility", "--accounts")
    printed = capsys.readouterr().out
    assert "olga" in printed
    assert "demonstration only" in printed


@pytest.mark.django_db
def test_it_says_the_code_of_an_invented_person_in_the_demonstration_only(capsys, settings):
    root = with_authenticator("root")
    call_command("demonstration_code", "root")
    assert capsys.readouterr().out.strip() == code_of(root)
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError, match="in the demonstration only"):
        call_command("demonstration_code", "root")


@pytest.mark.django_db
def test_a_code_of_nobody_is_not_said():
    with pytest.raises(CommandError, match="sets one up"):
        call_command("demonstration_code", "olga")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("demonstration_code", "celery")
