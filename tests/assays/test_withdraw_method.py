"""A version that is withdrawn measures nothing more, and no earlier one comes back."""

import pytest

from assays import catalogue, selectors, services
from assays.rules.mapping import Choice
from assays.services.imports import UnableToImport
from assays.services.methods import UnableToWithdraw, seen_of
from tests.assays import bench
from tests.cast import PASSWORD, credential, person
from tilmfg.records.errors import ChangedMeanwhile, NotAuthorised
from tilmfg.records.signature_status import status
from tilmfg.records.signatures import UnableToSign

pytestmark = pytest.mark.django_db


def withdraw(method, *, by="rosa", password=PASSWORD, seen=""):
    return services.withdraw_method(
        method=method,
        seen=seen or seen_of(method),
        credential=credential(by, password),
        reason="The antibody pair is no longer made.",
        by=person(by),
    )


def test_nothing_is_in_force_afterwards_not_even_an_earlier_version():
    bench.approved(catalogue.IFNG_ELISA)
    second = bench.approved(catalogue.IFNG_ELISA)
    withdraw(second)
    assert selectors.methods_for("Gen5") == []
    third = bench.approved(catalogue.IFNG_ELISA)
    assert selectors.methods_for("Gen5") == [third]


def test_both_signatures_stand():
    """P11-13"""
    method = withdraw(bench.approved(catalogue.STERILITY))
    assert status(method.approval, of=method).is_valid
    assert status(method.withdrawal, of=method).is_valid
    assert method.withdrawal.get_meaning_display().startswith("Rejected")


def test_it_is_done_once_and_only_to_what_is_in_force():
    first = bench.approved(catalogue.STERILITY)
    with pytest.raises(UnableToWithdraw, match="never approved"):
        withdraw(services.draft_method(**catalogue.STERILITY, by=person("ana")))
    second = bench.approved(catalogue.STERILITY)
    with pytest.raises(UnableToWithdraw, match="A later version took the place"):
        withdraw(first)
    withdraw(second)
    with pytest.raises(UnableToWithdraw, match="withdrawn already"):
        withdraw(second)


def test_it_is_the_version_that_was_looked_at():
    method = bench.approved(catalogue.STERILITY)
    with pytest.raises(ChangedMeanwhile, match="changed while you looked at it"):
        withdraw(method, seen="0" * 64)


def test_a_stored_file_is_no_longer_imported_by_it():
    sample = bench.received_sample()
    file = bench.store(bench.counts(sample), kind="cell_counter", filename="counts.csv")
    method = withdraw(bench.method_of(catalogue.CELL_COUNT))
    with pytest.raises(UnableToImport, match="is not in force"):
        services.import_run(
            file=file,
            method=method,
            instrument_code=bench.instrument("cell_counter").code,
            choices={"1": Choice(sample_name=str(sample))},
            by=person("ana"),
        )


def test_it_needs_the_approver_and_their_password():
    method = bench.approved(catalogue.STERILITY)
    with pytest.raises(NotAuthorised):
        withdraw(method, by="ana")
    with pytest.raises(UnableToSign, match="password"):
        withdraw(method, password="guessed")
