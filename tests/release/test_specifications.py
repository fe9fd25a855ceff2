"""What a lot must fulfil: drafted by one, approved once by another."""

import pytest

from tests.cast import credential, person
from tests.release import stage
from tilmfg.release import catalogue, services
from tilmfg.release.services.specifications import UnableToSpecify

pytestmark = pytest.mark.django_db


def test_it_refuses_an_indication_it_does_not_know():
    with pytest.raises(UnableToSpecify, match=r"melanoma, nsclc.*, got 'gout'") as refusal:
        services.draft_specification(
            code="S",
            name="S",
            indication="gout",
            effective_from_date=stage.date(2026, 1, 1),
            content=catalogue.MELANOMA,
            by=person("quinn"),
        )
    assert refusal.value.field == "indication"


def test_an_approved_specification_is_not_approved_again():
    specification = stage.make_specification()
    with pytest.raises(UnableToSpecify, match="is approved already"):
        services.approve_specification(
            specification=specification,
            credential=credential("rosa"),
            reason="Once more, to be sure.",
            by=person("rosa"),
        )
