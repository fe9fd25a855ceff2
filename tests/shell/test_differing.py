"""Expected and read, character by character."""

import pytest

from tilmfg.shell.drawings.differing import compare


@pytest.mark.parametrize(
    ("expected", "read", "words"),
    [
        ("CHA999926000042", "CHA999926000024", "Characters 14 and 15 differ."),
        ("CHA999926000042", "CHA999926000043", "Character 15 differs."),
        ("ABC", "XYZ", "Characters 1, 2 and 3 differ."),
        ("ABC", "ABC", "The two are the same."),
        ("ABC", "AB", "Expected 3 characters, read 2. Character 3 differs."),
    ],
)
def test_it_says_which_characters_differ(expected, read, words):
    assert compare(expected, read).words == words


def test_it_marks_the_same_places_on_both_sides():
    comparison = compare("000042", "000024")
    for side in (comparison.expected, comparison.read):
        assert [character.differs for character in side] == [False] * 4 + [True] * 2


def test_it_shows_a_place_where_nothing_was_read():
    assert compare("AB", "A").read[1].text == "␣"
