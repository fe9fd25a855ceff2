import re
from datetime import date

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tilmfg.identity import isbt128
from tilmfg.identity.isbt128 import (
    ALPHABET,
    CoiId,
    ScannedIdentifier,
    UnableToIssueIdentifier,
    UnableToReadIdentifier,
    check_character,
    check_sum,
    container_payload,
    issue,
    parse,
    parse_donation_number,
)

COI_PATTERN = re.compile(r"^CH[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}[A-Z0-9]{6}$", re.ASCII)
DIN_PATTERN = re.compile(r"^[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}\d{6}$", re.ASCII)
TODAY = date(2026, 11, 23)

PUBLISHED = [
    ("G123498654321", "H", 77),
    ("G123417654321", "A", 70),
    ("G123489654321", "Y", 94),
    ("A999917123456", "9", 69),
    ("A999916123456", "Q", 86),
    ("A999914123456", "N", 83),
    ("C000307001466", "6", 66),
    ("A999922123459", "H", 77),
    ("A999922654321", "S", 88),
    ("A999922012346", "*", 96),
]

coi_ids = st.from_regex(COI_PATTERN, fullmatch=True)
din_ids = st.from_regex(DIN_PATTERN, fullmatch=True)


class TestCheckCharacter:
    """COI-1: the published vectors. COI-2: what the check character must detect."""

    @pytest.mark.parametrize(("number", "expected", "flags"), PUBLISHED)
    def test_it_agrees_with_the_published_donation_numbers(self, number, expected, flags):
        assert check_character(number) == expected
        assert 60 + check_sum(number) == flags

    def test_it_covers_all_fifteen_characters_of_a_chain_of_identity_id(self):
        assert check_character("CHA999922123456") == "E"

    @given(coi_ids | din_ids)
    @example("G123498654321")
    def test_it_equals_the_published_weighted_form(self, text):
        weighted = sum(ALPHABET.index(c) * 2**n for n, c in enumerate(reversed(text), start=1))
        assert check_sum(text) == (38 - weighted % 37) % 37

    @pytest.mark.parametrize(
        "typed", ["F123498654321H", "A999922564321S", "G123468954321H", "B999922123469H"]
    )
    def test_it_refuses_the_published_errors(self, typed):
        with pytest.raises(UnableToReadIdentifier, match="is not the check character"):
            parse_donation_number(typed, today=TODAY)

    @given(coi_ids | din_ids, st.data())
    def test_it_detects_every_single_substitution(self, text, data):
        complete = text + check_character(text)
        position = data.draw(st.integers(0, len(complete) - 1))
        other = data.draw(st.sampled_from(ALPHABET.replace(complete[position], "")))
        damaged = complete[:position] + other + complete[position + 1 :]
        assert check_character(damaged[:-1]) != damaged[-1]

    @given(coi_ids | din_ids, st.data())
    def test_it_detects_every_swap_of_two_neighbours(self, text, data):
        complete = text + check_character(text)
        position = data.draw(st.integers(0, len(complete) - 2))
        first, second = complete[position], complete[position + 1]
        assume(first != second)
        damaged = complete[:position] + second + first + complete[position + 2 :]
        assert check_character(damaged[:-1]) != damaged[-1]

    def test_a_circular_shift_which_it_cannot_see_is_caught_by_the_shape(self):
        shifted = "ECHA999922123456"
        assert check_character(shifted[:-1]) == shifted[-1]
        with pytest.raises(UnableToReadIdentifier, match="“C” is expected"):
            parse(shifted)

    @given(coi_ids)
    def test_no_circular_shift_has_the_shape(self, text):
        with pytest.raises(UnableToReadIdentifier):
            parse(check_character(text) + text)

    def test_a_circular_shift_of_a_donation_number_is_caught_by_its_year(self):
        shifted = "NA999914123456"
        assert check_character(shifted[:-1]) == shifted[-1]
        assert DIN_PATTERN.match(shifted[:-1])
        with pytest.raises(UnableToReadIdentifier, match="the year 2091 lies in the future"):
            parse_donation_number(shifted, today=TODAY)


class TestIssue:
    def test_it_forms_structure_040(self):
        coi_id = issue("A9999", 2026, 42)
        assert str(coi_id) == "CHA999926000042"
        assert coi_id.payload == "&/CHA999926000042"
        assert coi_id.readable == f"CH A9999 26 000042 {check_character('CHA999926000042')}"

    @given(st.integers(2000, 2099), st.integers(0, 999_999))
    def test_every_issued_id_has_the_prescribed_shape_and_reads_back(self, year, serial):
        coi_id = issue("W0000", year, serial)
        assert COI_PATTERN.match(str(coi_id))
        assert CoiId.parse(str(coi_id)) == coi_id

    @pytest.mark.parametrize("facility", ["", "O9999", "09999", "AO999", "A99X9", "a9999", "A99999"])
    def test_it_refuses_a_facility_number_of_another_shape(self, facility):
        with pytest.raises(UnableToIssueIdentifier, match="facility number"):
            issue(facility, 2026, 42)

    @pytest.mark.parametrize("serial", [-1, 1_000_000])
    def test_it_refuses_a_serial_that_does_not_fit(self, serial):
        with pytest.raises(UnableToIssueIdentifier, match="not within 0 to 999999"):
            issue("A9999", 2026, serial)

    def test_it_refuses_a_year_of_another_century(self):
        with pytest.raises(UnableToIssueIdentifier, match="Year 26"):
            issue("A9999", 26, 42)


class TestShape:
    @given(st.text("CHAO019Zz٣* ", min_size=13, max_size=16) | coi_ids | din_ids)
    @example("CHA99992600004٣")
    @example("CHA999926000042\n")
    def test_an_id_is_read_exactly_when_it_matches_the_published_pattern(self, text):
        # $ would allow a line feed at the end, and \Z is what was meant.
        if COI_PATTERN.match(text) and not text.endswith("\n"):
            assert str(CoiId.parse(text)) == text
        else:
            with pytest.raises(UnableToReadIdentifier):
                CoiId.parse(text)

    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            ("CHA99992600004", "has 14 characters; a chain-of-identity id has 15"),
            ("CXA999926000042", "'X' is not allowed as character 2 .* “H” is expected"),
            ("CHO999926000042", "'O' is not allowed as character 3 .* other than O, or a digit other than 0"),
            ("CHA9O9926000042", "'O' is not allowed as character 5 .* a capital letter other than O"),
            ("CHA99992A000042", "'A' is not allowed as character 9 .* a digit is expected"),
            ("CHA99992600004*", r"'\*' is not allowed as character 15 .* a capital letter or a digit"),
        ],
    )
    def test_the_message_names_what_is_wrong(self, text, wrong):
        with pytest.raises(UnableToReadIdentifier, match=wrong):
            CoiId.parse(text)


class TestScan:
    COI = CoiId("A9999", "26", "000042")

    @given(st.sampled_from(["TB1", "FL3", "BG2", "QC4", "BG999"]))
    def test_a_container_is_read_back_from_its_payload(self, code):
        payload = container_payload(self.COI, code)
        assert payload == f"&/CHA999926000042.{code}"
        assert parse(payload) == ScannedIdentifier(self.COI, code, check_given=False)

    @pytest.mark.parametrize(
        "code", ["", "BG", "B2", "bg2", "BG0", "BG02", "BG1000", "BGX", "BG2 ", "BG2\n", "BG٢"]
    )
    def test_a_container_code_of_another_shape_is_refused(self, code):
        with pytest.raises(UnableToReadIdentifier, match="is not a container code"):
            container_payload(self.COI, code)

    @pytest.mark.parametrize("text", ["&/CHA999926000042", "&/CHA999926000042\r\n", "]d1&/CHA999926000042\t"])
    def test_an_order_is_read_from_a_scan_with_or_without_what_scanners_add(self, text):
        assert parse(text) == ScannedIdentifier(self.COI, None, check_given=False)

    @pytest.mark.parametrize(
        "text",
        [
            "&/cha999926000042",
            "&/CHA9999 26000042",
            "&/CHA999926000042.",
            "&/CHA999926000042.BG2.BG3",
            "&/CHA999926000042&/CHA999926000043",
            "&/CHA999926000042BG2",
            "&/",
            "&",
            "",
        ],
    )
    def test_a_scan_is_taken_literally(self, text):
        with pytest.raises(UnableToReadIdentifier):
            parse(text)

    @pytest.mark.parametrize("text", ["/-CHA999926000042.BG2", "^&CHA999926000042", "7!CHA999926000042"])
    def test_a_scanner_with_another_keyboard_layout_is_named(self, text):
        with pytest.raises(UnableToReadIdentifier, match="keyboard layout"):
            parse(text)

    def test_a_donation_number_is_not_mistaken_for_an_order(self):
        with pytest.raises(UnableToReadIdentifier, match="is a donation number"):
            parse("=A99991712345600")


class TestTyped:
    COI = CoiId("A9999", "26", "000042")
    CHECK = COI.check_character

    @pytest.mark.parametrize(
        "spelling", ["CHA999926000042{}", "ch a9999 26 000042 {}", " CH-A9999–26−000042\u00a0{} "]
    )
    def test_it_reads_an_id_with_its_check_character_however_it_is_spaced(self, spelling):
        assert parse(spelling.format(self.CHECK)) == ScannedIdentifier(self.COI, None, check_given=True)

    @pytest.mark.parametrize(
        "spelling", ["CHA999926000042{}BG2", "ch a9999-26-000042-{} bg2", "CHA999926000042{}.BG2"]
    )
    def test_it_reads_a_container_behind_the_check_character(self, spelling):
        assert parse(spelling.format(self.CHECK)) == ScannedIdentifier(self.COI, "BG2", check_given=True)

    def test_it_says_that_a_bare_id_came_without_its_check_character(self):
        assert parse("CHA999926000042") == ScannedIdentifier(self.COI, None, check_given=False)

    @given(st.data())
    def test_it_refuses_every_other_check_character(self, data):
        wrong = data.draw(st.sampled_from(ALPHABET.replace(self.CHECK, "")))
        with pytest.raises(UnableToReadIdentifier, match="is not the check character of CHA999926000042"):
            parse(f"CHA999926000042{wrong}")

    def test_it_refuses_a_container_without_the_check_character(self):
        with pytest.raises(UnableToReadIdentifier):
            parse("CHA999926000042BG2")
        with pytest.raises(UnableToReadIdentifier):
            parse("CHA999926000042.BG2")

    @given(st.integers(2, 14))
    def test_a_forgotten_character_never_yields_an_id_with_a_check(self, position):
        complete = f"CHA999926000042{self.CHECK}BG2"
        with pytest.raises(UnableToReadIdentifier):
            parse(complete[:position] + complete[position + 1 :])

    @pytest.mark.parametrize(
        "text", ["CHA99992600004ſ", "CHA99992600004ß", "CHA99992600004٢", "CHA99992600004²"]
    )
    def test_letters_of_other_scripts_are_not_taken_for_ours(self, text):
        with pytest.raises(UnableToReadIdentifier, match="which no identifier contains"):
            parse(text)

    @given(st.text())
    def test_nonsense_is_always_refused_with_a_reason(self, text):
        assume(not text.strip().upper().startswith("CH"))
        with pytest.raises(UnableToReadIdentifier, match=r"\w"):
            parse(text)


class TestDonationNumber:
    @pytest.mark.parametrize(("number", "check", "flags"), PUBLISHED)
    def test_it_reads_every_published_number_typed_and_scanned(self, number, check, flags):
        far_ahead = date(2093, 12, 31)  # some published examples carry made-up years
        typed = parse_donation_number(number + check, today=far_ahead)
        scanned = parse_donation_number(f"={number}{flags}", today=far_ahead)
        assert str(typed) == str(scanned) == number
        assert typed.check_character == check
        assert scanned.flags == str(flags)

    @pytest.mark.parametrize("flags", ["00", "01", "19", "20", "59"])
    def test_flags_below_sixty_say_nothing_about_the_number(self, flags):
        assert parse_donation_number(f"=A999917123456{flags}", today=TODAY).flags == flags

    @pytest.mark.parametrize("flags", ["60", "68", "70", "97", "99"])
    def test_check_flags_that_do_not_fit_are_refused(self, flags):
        with pytest.raises(UnableToReadIdentifier, match="should be 69"):
            parse_donation_number(f"=A999917123456{flags}", today=TODAY)

    @pytest.mark.parametrize(
        ("text", "wrong"),
        [
            ("A999917123456", "check character after A999917123456 is missing"),
            ("=A999917123456", "has 13 characters"),
            ("A99991712345O9", "'O' is not allowed as character 13"),
            ("O9999171234569", "'O' is not allowed as character 1"),
            ("=A9999171234560A", "'A' is not allowed as character 15"),
            ("", "has 0 characters"),
        ],
    )
    def test_the_message_names_what_is_wrong(self, text, wrong):
        with pytest.raises(UnableToReadIdentifier, match=wrong):
            parse_donation_number(text, today=TODAY)

    def test_the_nineties_are_the_past(self):
        assert parse_donation_number("G123498654321H", today=TODAY).year == "98"


def test_the_separator_is_no_character_of_an_id():
    assert isbt128.CONTAINER_SEPARATOR not in isbt128.ALPHABET
