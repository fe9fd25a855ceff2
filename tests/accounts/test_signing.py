"""Who signs what stands in one table, and the one door to a signature holds everybody to it. A11-10, REL-16"""

import pytest

from tests import factories
from tests.cast import CAST, credential, grant, person
from tilmfg.accounts.plans import PARTS, PLANS, Meaning
from tilmfg.accounts.roles import Role
from tilmfg.accounts.signing import sign
from tilmfg.records.context import acting
from tilmfg.records.errors import NotAuthorised
from tilmfg.records.models import Signature
from tilmfg.records.signature_status import registered

pytestmark = pytest.mark.django_db

STEPS = [(kind, index) for kind, plan in PLANS.items() for index in range(len(plan.steps))]


def signer_of(step):
    return next(who for who, (_, roles) in CAST.items() if set(roles) & set(step.roles))


def attempt(kind, index, *, by=None, parts=None, meaning=None):
    """The signature of this step; those before it are given as they should be."""
    plan, subject = PLANS[kind], factories.make_order()
    earlier = tuple(
        factories.sign_for(subject, kind, signer_of(step), step.meanings[0]) for step in plan.steps[:index]
    )
    by = by or signer_of(plan.steps[index])
    with acting(actor=by, verb="tests.sign"):
        return sign(
            subject=subject,
            kind=kind,
            content={"seen": 1},
            meaning=meaning or plan.steps[index].meanings[0],
            reason="As the plan says",
            credential=credential(by),
            parts=dict.fromkeys(PARTS, frozenset()) | (parts or {}),
            earlier=earlier,
            by=person(by),
        )


def test_every_signed_kind_of_record_has_a_plan_and_the_reverse():
    assert registered() == PLANS.keys()


@pytest.mark.parametrize(("kind", "index"), STEPS)
def test_who_the_plan_names_signs(kind, index):
    assert attempt(kind, index).meaning in PLANS[kind].steps[index].meanings


@pytest.mark.parametrize(("kind", "index"), STEPS)
@pytest.mark.parametrize("who", sorted(CAST))
def test_nobody_signs_without_the_role(kind, index, who):
    if not set(CAST[who][1]) & set(PLANS[kind].steps[index].roles):
        with pytest.raises(NotAuthorised, match="This is signed by"):
            attempt(kind, index, by=who)


@pytest.mark.parametrize(
    ("kind", "index", "part"), [(kind, index, part) for kind, index in STEPS for part in PLANS[kind].barred]
)
def test_nobody_signs_what_they_had_a_part_in(kind, index, part):
    who = signer_of(PLANS[kind].steps[index])
    with pytest.raises(NotAuthorised, match=PARTS[part].partition(";")[0]):
        attempt(kind, index, parts={part: {person(who).pk}})


def test_a_verb_that_signs_in_another_meaning_than_planned_signs_nothing():
    with pytest.raises(ValueError, match="The plan asks for"):
        attempt("release.lot", 0, meaning=Meaning.CLOSED)


def test_nobody_gives_two_signatures_of_one_record():
    grant("quinn", Role.QA_APPROVER)
    with pytest.raises(NotAuthorised, match="another person decides"):
        attempt("release.lot", 1, by="quinn")


def test_a_plan_that_is_fulfilled_takes_no_further_signature():
    with pytest.raises(NotAuthorised, match="All signatures"):
        sign(
            subject=factories.make_order(),
            kind="release.lot",
            content={},
            meaning=Meaning.APPROVED,
            reason="Once more",
            credential=credential("rosa"),
            parts={"worker": ()},
            earlier=(Signature(), Signature()),
            by=person("rosa"),
        )


def test_a_verb_that_forgets_to_say_who_had_a_part_signs_nothing():
    with pytest.raises(KeyError, match="worker"):
        sign(
            subject=factories.make_order(),
            kind="release.lot",
            content={},
            meaning=Meaning.REVIEWED,
            reason="Complete and correct",
            credential=credential("quinn"),
            parts={},
            by=person("quinn"),
        )
