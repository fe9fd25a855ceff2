import pytest
from django.db import DatabaseError, IntegrityError

from tests import factories
from tests.batches import bench
from tests.cast import PASSWORD, credential, person, qualify
from tilmfg.batches import services
from tilmfg.batches.definitions import GEN2_22_DAYS
from tilmfg.batches.models import Batch, ProcessDefinition
from tilmfg.batches.services.definitions import UnableToApprove, UnableToDraft
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.signatures import UnableToSign, is_intact

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    return services.draft_definition(code="gen2", name="Gen 2", content=GEN2_22_DAYS, by=person("quinn"))


def approve(definition, by="rosa", password=PASSWORD, reason="Validated"):
    return services.approve_definition(
        definition=definition, credential=credential(by, password), reason=reason, by=person(by)
    )


def test_each_draft_of_a_process_is_its_next_version(draft):
    again = services.draft_definition(code="gen2", name="Gen 2", content=GEN2_22_DAYS, by=person("quinn"))
    assert (draft.version, again.version) == (1, 2)


def test_it_refuses_content_that_is_no_process():
    with pytest.raises(UnableToDraft, match=r"process\.late_entry_after_minutes") as refused:
        services.draft_definition(code="gen2", name="Gen 2", content={"steps": []}, by=person("quinn"))
    assert refused.value.field == "content"


def test_the_approver_signs_the_content(draft):
    approved = approve(draft)
    assert approved.approval.signer == person("rosa")
    assert '"late_entry_after_minutes":15' in approved.approval.content
    assert is_intact(approved.approval)


def test_it_refuses_the_author_as_approver():
    draft = services.draft_definition(code="gen2", name="Gen 2", content=GEN2_22_DAYS, by=person("rosa"))
    with pytest.raises(NotAuthorised, match="You drafted this version"):
        approve(draft)


def test_raw_sql_cannot_let_the_author_approve():
    draft = services.draft_definition(code="gen2", name="Gen 2", content=GEN2_22_DAYS, by=person("rosa"))
    with factories.writing():
        draft.approval = factories.sign_for(draft, "batches.definition", "rosa")
    with pytest.raises(IntegrityError, match="definitions_are_approved_by_another"), factories.writing():
        draft.save()


def test_it_refuses_a_wrong_password(draft):
    with pytest.raises(UnableToSign):
        approve(draft, password="guess")


def test_it_refuses_a_second_approval(draft):
    approve(draft)
    with pytest.raises(UnableToApprove, match="approved already"):
        approve(draft)


def test_it_refuses_content_that_was_exchanged(draft):
    """The guard holds content and digest together; were it gone, the verb would still notice."""
    with pytest.raises(DatabaseError, match="approved_definitions_are_frozen"), factories.writing():
        ProcessDefinition.objects.filter(pk=draft.pk).update(content={"steps": []})


def test_only_qa_drafts_and_only_the_approver_approves(draft):
    with pytest.raises(NotAuthorised, match="This is done by"):
        services.draft_definition(code="x", name="x", content=GEN2_22_DAYS, by=person("olga"))
    with pytest.raises(NotAuthorised, match="This is done by"):
        approve(draft, by="quinn")


@pytest.mark.parametrize("missing", ["code", "name"])
def test_a_draft_has_a_code_and_a_name(missing):
    given = {"code": "gen2", "name": "Gen 2"} | {missing: " "}
    with pytest.raises(UnableToDraft, match=f"Give the process a {missing}"):
        services.draft_definition(content=GEN2_22_DAYS, by=person("quinn"), **given)


def test_no_batch_is_begun_by_a_draft(draft):
    qualify("olga", "process: gen2, version 1")
    with pytest.raises(DatabaseError, match="batches_execute_approved_definitions"), factories.writing():
        Batch.objects.create(
            order=factories.make_order(state="received"),
            definition=draft,
            started_at=factories.NOW,
            started_by=person("olga"),
        )
    assert bench.gen2().approval is not None
