"""The demonstration facility is made through the verbs, so it is legal data; it holds a lot in every state."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command

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
