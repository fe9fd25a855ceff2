"""A draft may change until it is approved; who looked at something else is told."""

import copy

import pytest

from assays import catalogue, services
from assays.services.methods import UnableToDraft, seen_of
from tests.assays import bench
from tests.cast import person
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.models import AuditEvent, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return services.draft_method(**catalogue.IFNG_ELISA, by=person("ana"))


def with_limit(percent):
    content = copy.deepcopy(catalogue.IFNG_ELISA["content"])
    content["settings"]["cv_limit_percent"] = percent
    return content


def edit(method, *, by="ana", **changed):
    given = {"name": method.name, "content": with_limit("15"), "seen": seen_of(method)} | changed
    return services.edit_method(method=method, **given, by=person(by))


def test_it_changes_the_draft_and_keeps_the_old_one_in_the_trail(draft):
    """P11-05"""
    before = draft.digest
    edited = edit(draft, name="IFN-γ, stricter")
    assert (edited.name, edited.rules.settings.cv_limit_percent, edited.version) == ("IFN-γ, stricter", 15, 1)
    assert edited.digest != before
    trail = AuditEvent.objects.filter(relation="assays_method", key=str(draft.pk)).order_by("seq")
    old, new = trail.last().before_and_after
    assert (old["digest"], new["digest"]) == (before, edited.digest)
    assert Event.objects.get(name="assays.method.edited").subject_id == draft.pk


def test_two_who_edit_at_once_do_not_overwrite_each_other(draft):
    seen = seen_of(draft)
    edit(draft, by="ines")
    with pytest.raises(ChangedMeanwhile, match="was changed while you looked at it"):
        edit(draft, seen=seen, content=with_limit("10"))


def test_what_is_no_method_is_not_kept(draft):
    with pytest.raises(UnableToDraft, match="cv_limit_percent: “low” is no number"):
        edit(draft, content=with_limit("low"))
    draft.refresh_from_db()
    assert draft.content == catalogue.IFNG_ELISA["content"]


def test_an_approved_version_is_not_edited():
    with pytest.raises(UnableToDraft, match="is approved and frozen; draft a new version"):
        edit(bench.approved(catalogue.IFNG_ELISA))


def test_a_discarded_one_neither(draft):
    services.discard_method(method=draft, reason="Drafted by mistake.", by=person("ana"))
    with pytest.raises(UnableToDraft, match="is discarded"):
        edit(draft)


def test_it_is_no_work_of_a_reviewer(draft):
    with pytest.raises(NotAuthorised):
        edit(draft, by="quinn")
