import pytest

from tilmfg.identity.label_text import statements
from tilmfg.identity.models import Container


@pytest.mark.parametrize("kind", Container.Kind.values)
def test_every_kind_of_container_is_for_its_own_patient_only(kind):
    said = statements(kind=kind, investigational=True, donor_evaluated=False)
    assert said[:2] == ("FOR AUTOLOGOUS USE ONLY", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES")


@pytest.mark.parametrize("kind", sorted(set(Container.Kind.values) - {"bag"}))
def test_only_a_product_bag_may_be_infused(kind):
    assert "NOT FOR INFUSION" in statements(kind=kind, investigational=True, donor_evaluated=False)


def test_a_product_bag_under_investigation_says_so():
    said = statements(kind="bag", investigational=True, donor_evaluated=False)
    assert "Caution: New Drug—Limited by Federal law to investigational use." in said
    assert "Rx only" not in said
    assert "NOT FOR INFUSION" not in said


def test_a_licensed_product_bag_is_on_prescription():
    said = statements(kind="bag", investigational=False, donor_evaluated=False)
    assert "Rx only" in said
    assert "No U.S. standard of potency" in said
    assert not any(words.startswith("Caution") for words in said)


def test_a_fully_evaluated_donor_is_not_called_unevaluated():
    said = statements(kind="bag", investigational=True, donor_evaluated=True)
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" not in said


def test_reactive_results_are_named():
    said = statements(kind="vial", investigational=True, donor_evaluated=True, reactive_for=("HBV", "CMV"))
    assert "WARNING: Reactive test results for HBV" in said
    assert "WARNING: Reactive test results for CMV" in said
