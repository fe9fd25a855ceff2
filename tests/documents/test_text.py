from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents.samples import HEADING
from tilmfg.documents.text import UnableToPrint, instant, legible, plain, quantity

LANGUAGES = (
    "αβγδεζηθικλμνξοπρστυφχψω ΑΒΓΔΩ µ ÄÖÜäöüß éèêëàâçîïôûùœŒæ ąćęłńóśźżĄĆĘŁŃÓŚŹŻ čřšžůý "
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ ₀₁₂₃ ≥≤×−±≈≠√∞ °′″‰ –—…·• „“”‚‘’«» ✓✗ →←↑↓ □☐☑ Щукин № €£"
)


class TestLegible:
    def test_the_fonts_draw_what_our_documents_write(self):
        assert legible(LANGUAGES) == LANGUAGES

    @pytest.mark.parametrize(
        ("text", "drawn"),
        [
            ("患者 7", "□(U+60A3)□(U+8005) 7"),
            ("ok 👍", "ok □(U+1F44D)"),
            ("a\x00b", "a□(U+0000)b"),
            ("a\u202eb", "a□(U+202E)b"),
            ("soft\u00adhyphen", "soft□(U+00AD)hyphen"),
            ("\ud800", "□(U+D800)"),
            ("\ue000", "□(U+E000)"),
            ("\ufeffBOM", "□(U+FEFF)BOM"),
        ],
    )
    def test_what_no_font_draws_and_what_hides_is_named(self, text, drawn):
        assert legible(text) == drawn

    def test_letters_and_their_accents_are_composed(self):
        assert legible("Mu\u0308ller") == "Müller"

    def test_line_ends_and_tabs_become_what_a_page_has(self):
        assert legible("a\r\nb\tc") == "a\nb c"


class TestInstant:
    def test_every_time_is_written_in_utc_to_the_second(self):
        berlin = timezone(timedelta(hours=2))
        assert instant(datetime(2026, 10, 1, 16, 5, 9, 999_999, tzinfo=berlin)) == "2026-10-01T14:05:09Z"

    def test_a_time_without_a_zone_is_refused(self):
        with pytest.raises(UnableToPrint, match="2026-10-01T00:00:00 has no time zone"):
            instant(datetime(2026, 10, 1))  # noqa: DTZ001


class TestQuantity:
    @pytest.mark.parametrize(
        ("amount", "written"),
        [
            ("110", "110"),
            ("980.50", "980.50"),
            ("-186.2", "−186.2"),
            ("999999", "999999"),
            ("1000000", "1 × 10⁶"),
            ("21100000000", "2.11 × 10¹⁰"),
            ("-4213456789", "−4.213456789 × 10⁹"),
            ("0", "0"),
            ("0.00001", "0.00001"),
        ],
    )
    def test_large_amounts_are_powers_of_ten_and_nothing_is_rounded(self, amount, written):
        assert quantity(Decimal(amount)) == written

    @given(st.decimals(allow_nan=False, allow_infinity=False, places=3))
    def test_what_is_written_reads_back_as_the_same_amount(self, amount):
        digits = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹−", "0123456789-")
        assert Decimal(quantity(amount).replace(" × 10", "e").translate(digits)) == amount

    def test_what_is_not_a_number_is_refused(self):
        with pytest.raises(UnableToPrint, match="NaN is not a number"):
            quantity(Decimal("NaN"))


class TestPlain:
    def test_a_frozen_content_becomes_data(self):
        assert plain(HEADING) == {
            "document_id": "COA-2026-0042-01",
            "lot_number": "TIL-2026-0042",
            "coi_id": "CHA999926000042",
            "check_character": "I",
            "generated_at": "2026-11-10T14:05:00Z",
        }

    def test_dates_amounts_and_absence_keep_their_meaning(self):
        assert plain((date(2026, 10, 1), Decimal("4.10"), None, True, 7)) == [
            "2026-10-01",
            "4.10",
            None,
            True,
            7,
        ]

    @pytest.mark.parametrize("value", [1.5, {1, 2}, b"bytes", object()])
    def test_what_has_no_exact_written_form_is_refused(self, value):
        with pytest.raises(UnableToPrint, match="which no document prints"):
            plain({"value": value})

    def test_a_moment_keeps_its_instant(self):
        assert plain(datetime(2026, 10, 1, tzinfo=UTC)) == "2026-10-01T00:00:00Z"
