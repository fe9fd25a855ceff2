"""The pieces of verification by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilmfg.records.verification import chains
from tilmfg.records.verification.chains import cut
from tilmfg.records.verification.report import SHOWN, Break, Findings
from tilmfg.records.verification.rows import difference


def content(row):
    return f'["order:1", 1, null, {row}]'


@given(st.lists(st.integers(1, 70), min_size=1, max_size=8))
def test_stretches_cover_every_event_once(lengths):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chains, "STRETCH", 20)
        sizes = [(f"order:{number}", length, length) for number, length in enumerate(lengths)]
        everything = [(chain, seq) for chain, length, _ in sizes for seq in range(1, length + 1)]
        covered = []
        for stretch in cut(sizes):
            first, last = everything.index(stretch.first), everything.index(stretch.last)
            assert stretch.events == last - first + 1 <= 20
            covered += everything[first : last + 1]
    assert covered == everything


@pytest.mark.parametrize(
    ("live", "recorded"),
    [
        ('{"v": 1.00000000000000000002}', '{"v": 1.00000000000000000001}'),
        ('{"v": 1.50}', '{"v": 1.5}'),
        ('{"v": "1"}', '{"v": 1}'),
        ('{"v": null}', '{"v": false}'),
        ('{"v": {"deep": [1, 2]}}', '{"v": {"deep": [2, 1]}}'),
    ],
)
def test_values_are_compared_to_the_last_digit(live, recorded):
    message, _ = difference(live, content(recorded), "UPDATE", ())
    assert message == "v of the row is not what its last event says"


def test_the_order_of_fields_means_nothing():
    assert difference('{"a": 1, "b": 2}', content('{"b": 2, "a": 1}'), "INSERT", ()) == ("", [])


def test_columns_that_came_or_went_with_a_migration_are_no_tampering():
    assert difference('{"a": 1, "new": 2}', content('{"a": 1, "gone": 2}'), "INSERT", ()) == (
        "",
        ["gone", "new"],
    )


def test_a_table_of_broken_rows_does_not_fill_the_memory():
    found = Findings()
    for number in range(SHOWN + 5):
        found.add(Break("rows", "gone", key=str(number)))
    assert (len(found.breaks), found.more_breaks) == (SHOWN, 5)


def test_the_first_break_is_the_earliest_in_its_chain():
    found = Findings()
    for check, chain, seq in (("rows", "a", 1), ("chains", "b", 1), ("chains", "a", 9), ("chains", "a", 2)):
        found.add(Break(check, "altered", chain, seq))
    assert (found.first.chain, found.first.seq) == ("a", 2)
