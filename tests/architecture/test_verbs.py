"""Verbs are alike: keywords only, `by` explicit, named by room, and refused to who may not."""

import inspect
import pkgutil
from importlib import import_module

import pytest

from tests.cast import CAST, person
from tilmfg.accounts.verbs import VERBS, verb
from tilmfg.records.errors import NotAuthorised

for room in ("accounts", "facility", "quality", "identity", "batches", "release", "treatment"):
    package = import_module(f"tilmfg.{room}")
    for module in pkgutil.walk_packages(package.__path__, f"tilmfg.{room}."):
        if ".services" in module.name:
            import_module(module.name)
import_module("assays.services")


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_takes_keywords_only_and_is_named_by_its_room(name):
    act = VERBS[name]
    parameters = inspect.signature(act).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())
    assert parameters["by"].default is inspect.Parameter.empty
    assert "None" not in str(parameters["by"].annotation)
    assert name.split(".")[0] in act.__module__
    assert len(name.split(".")) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_refuses_everybody_it_is_not_for(name):
    act = VERBS[name]
    outsiders = [who for who, (_, roles) in CAST.items() if not set(roles) & set(act.roles)]
    assert "eve" in outsiders
    for who in outsiders:
        arguments = dict.fromkeys(set(inspect.signature(act).parameters) - {"by"})
        with pytest.raises(NotAuthorised):
            act(**arguments, by=person(who))


# Written a second time, on purpose: who may measure, sign, release and give is no slip of one line.
ANALYSTS, AUTHORS = {"ana", "ines"}, {"ana", "ines", "rosa"}
WHO_MAY = {
    "assays.control.approve_value": {"rosa"},
    "assays.control.end": ANALYSTS,
    "assays.control.propose_value": ANALYSTS,
    "assays.control.put_in_use": ANALYSTS,
    "assays.control.register": ANALYSTS,
    "assays.file.store": ANALYSTS,
    "assays.method.approve": {"rosa"},
    "assays.method.discard": AUTHORS,
    "assays.method.draft": AUTHORS,
    "assays.method.edit": AUTHORS,
    "assays.method.withdraw": {"rosa"},
    "assays.result.read_again": ANALYSTS,
    "assays.result.record": ANALYSTS,
    "assays.result.review": ANALYSTS,
    "assays.run.import": ANALYSTS,
    "assays.run.mask": ANALYSTS,
    "assays.run.reject": ANALYSTS,
    "assays.run.review": ANALYSTS,
    "assays.run.unmask": ANALYSTS,
    "quality.deviation.close": {"quinn", "rosa"},
    "quality.investigation.conclude": {"quinn", "rosa"},
    "release.disposition.sign": {"rosa"},
    "release.lot.infuse": {"sam", "nora"},
    "release.review.return": {"quinn", "rosa"},
    "release.review.sign": {"quinn"},
    "release.specification.approve": {"rosa"},
    "release.specification.draft": {"quinn", "rosa"},
    "release.trail.review": {"quinn"},
    "treatment.bedside.check": {"sam", "nora"},
    "treatment.bedside.stop": {"sam", "nora"},
    "treatment.infusion.record": {"sam", "nora"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(WHO_MAY))
def test_nobody_else_measures_signs_releases_or_gives(name):
    act = VERBS[name]
    arguments = dict.fromkeys(set(inspect.signature(act).parameters) - {"by"})
    for who in sorted(set(CAST) - WHO_MAY[name]):
        with pytest.raises(NotAuthorised, match="This is done by"):
            act(**arguments, by=person(who))


@pytest.mark.parametrize("wrong", [lambda by: by, lambda *, lot: lot, lambda lot, *, by: (lot, by)])
def test_a_function_that_takes_places_or_nobody_is_no_verb(wrong):
    with pytest.raises(TypeError, match="keywords only"):
        verb("tests.do.wrong")(wrong)
