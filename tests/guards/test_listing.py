"""The list of guards is that of the code, and says of each which test fails without it."""

import ast

import pytest

from tests.architecture.test_requirements import citations

from . import listing
from .code import MODULES, guards_in, path_of, rewritten


def test_the_list_names_every_guard_and_no_other():
    """Else: python -m tests.guards"""
    assert set(listing.read()) == {listing.cell(key) for key in listing.guards()}


def test_each_is_missed_by_a_test_that_exists_or_says_why_by_none():
    beyond = set(listing.BEYOND_TESTS.values())
    for guard, test in listing.read().items():
        path, _, name = test.strip("`").partition("::")
        known = test in beyond or (name and f"{path}::{name}" in citations(listing.BASE / path))
        assert known, f"{guard}: {test}"


def test_no_two_guards_have_one_name():
    keys = listing.guards()
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("module", MODULES)
def test_taking_one_out_changes_the_code_in_one_place(module):
    written = ast.unparse(ast.parse(path_of(module).read_text())).splitlines()
    assert guards_in(module)
    for guard in guards_in(module):
        left = [
            line
            for line in ast.unparse(rewritten(module, without=guard.key)).splitlines()
            if "_watching" not in line
        ]
        changed = set(written) ^ set(left)
        assert changed, guard.key
        assert len(set(left) - set(written)) <= 1, guard.key
