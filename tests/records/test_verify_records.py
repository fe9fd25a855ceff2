"""What the application wrote verifies, in one process or several, as the role that may only read."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import factories
from tests.cast import person
from tilmfg.records.verification import chains
from tilmfg.records.verification import verify as verification
from tilmfg.records.verification.access import reader_parameters

pytestmark = pytest.mark.django_db(transaction=True)


def verify_records(*words, **options):
    out = StringIO()
    call_command("verify_records", *words, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def facility():
    """Rows of many tables, some of them changed; digested columns and signatures among them."""
    factories.make_writer()
    lot = factories.make_lot(state="released")
    factories.make_result(factories.make_sample(), "ifng", value="812.40", unit="pg/mL")
    return lot


def test_an_untouched_facility_is_intact(facility):
    said = json.loads(verify_records("--json"))
    assert said["intact"], said["breaks"]
    assert said["breaks"] == []
    assert min(said["examined"][what] for what in ("chains", "events", "rows", "signatures", "tables")) > 0


def test_it_reads_as_the_verifier(facility):
    assert reader_parameters()["user"] == "tilmfg_verify"


def test_several_processes_find_the_same(facility, monkeypatch):
    alone = json.loads(verify_records("--json", jobs=1))
    monkeypatch.setattr(verification, "WORTH_PROCESSES", 0)
    together = json.loads(verify_records("--json", jobs=2))
    assert together["examined"] == alone["examined"]
    assert together["breaks"] == alone["breaks"]


def test_chains_cut_into_many_stretches_are_intact_too(facility, monkeypatch):
    monkeypatch.setattr(chains, "STRETCH", 2)
    said = json.loads(verify_records("--json"))
    assert said["breaks"] == []


def test_it_verifies_one_chain(facility):
    said = verify_records(chain=facility.order.chain)
    assert "intact" in said
    assert "rows" not in said


def test_it_names_a_chain_that_does_not_exist():
    person("olga")
    with pytest.raises(CommandError, match="no chain 'order:999'"):
        verify_records(chain="order:999")


def test_after_a_migration_the_catalogue_is_checked_by_itself():
    out = StringIO()
    call_command("check_catalogue", stdout=out)
    assert "guarded as declared" in out.getvalue()
