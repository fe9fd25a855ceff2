import dataclasses
import io
import time

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.documents.samples import CERTIFICATE, HEADING, at, pdf_text, record, squeezed
from tilmfg.documents import UnableToPrint, render, reports
from tilmfg.documents.contents import Heading
from tilmfg.documents.text import legible

MARKUP = [
    '#panic("injected")',
    '#read("/etc/passwd") #eval("1+1")',
    "*bold* _italic_ `raw` $x^2$ @reference <label>",
    "] } ) [[ \\ \\] // no comment /* nor this */",
    "= no heading\n- no list\n+ 1",
    '"straight" \'quotes\' -- --- ... ~ "\\u{41}"',
    "&lt;script&gt; <b> ${jndi} {{ template }} %s",
]


class TestArchive:
    document = pypdf.PdfReader(io.BytesIO(reports.certificate_of_analysis(CERTIFICATE)))

    def test_it_says_that_it_is_pdf_a_2a_and_pdf_ua_1(self):
        xmp = self.document.xmp_metadata.stream.get_data().decode()
        assert "<pdfaid:part>2</pdfaid:part>" in xmp
        assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp

    def test_it_carries_its_fonts_its_colours_its_language_and_its_structure(self):
        root = self.document.trailer["/Root"]
        assert root["/Lang"].startswith("en")
        assert root["/MarkInfo"]["/Marked"]
        assert root["/OutputIntents"]
        fonts = [font.get_object() for page in self.document.pages for font in _fonts(page)]
        assert fonts
        for font in fonts:
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)

    def test_its_creation_time_is_the_given_one(self):
        assert self.document.metadata.creation_date == HEADING.generated_at

    def test_the_same_content_gives_the_same_bytes_and_another_time_gives_others(self):
        first = reports.certificate_of_analysis(CERTIFICATE)
        assert reports.certificate_of_analysis(CERTIFICATE) == first
        later = dataclasses.replace(HEADING, generated_at=at(41, 0))
        assert reports.certificate_of_analysis(dataclasses.replace(CERTIFICATE, heading=later)) != first


def _fonts(page):
    return page["/Resources"].get("/Font", {}).values()


class TestHeaderAndFooter:
    def test_every_page_names_the_lot_the_id_with_its_check_character_and_its_place(self):
        content = record(*[("row", str(n)) for n in range(200)])
        pages = pypdf.PdfReader(io.BytesIO(reports.record(content))).pages
        assert len(pages) > 3
        for number, page in enumerate(pages, start=1):
            text = squeezed(page.extract_text())
            assert f"Page{number}of{len(pages)}" in text
            assert "LotTIL-2026-0042CHA999926000042I" in text
            assert "DocumentCOA-2026-0042-01Generatedat2026-11-10T14:05:00Z" in text
            assert render.digest(content) in text


class TestDigest:
    def test_it_changes_with_every_value(self):
        changed = dataclasses.replace(CERTIFICATE, process="Gen 3, 16 days")
        assert render.digest(changed) != render.digest(CERTIFICATE)

    def test_it_is_of_the_content_as_given_not_as_drawn(self):
        unseen, named = record(("患",)), record(("□(U+60A3)",))
        assert render.digest(unseen) != render.digest(named)


class TestContentIsDataOnly:
    @pytest.mark.parametrize("text", MARKUP)
    def test_markup_is_printed_as_it_stands(self, text):
        content = record((text, "next"), title=text[:20], subtitle=text)
        assert squeezed(text) in pdf_text(reports.record(content))

    @pytest.mark.parametrize("text", MARKUP)
    def test_markup_in_a_heading_is_printed_as_it_stands(self, text):
        heading = dataclasses.replace(HEADING, document_id=text, lot_number=text[:16])
        assert squeezed(text) in pdf_text(reports.record(record(("row",), heading=heading)))

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=80))
    def test_no_text_whatsoever_fails_a_document(self, text):
        """ALC-2: it can be read out again."""
        document = reports.record(record((text, "next"), title="T" + text, subtitle=text))
        visible = squeezed(legible(text))
        if visible.isascii():  # pypdf puts right-to-left scripts in another order
            assert visible in pdf_text(document)


class TestLayout:
    def test_a_very_long_word_stays_within_its_column(self):
        long_word = "Wörter" * 80
        [page] = render.pictures(
            "record",
            record((long_word, "beside", long_word)),
            generated_at=HEADING.generated_at,
            ppi=72,
        )
        picture = Image.open(io.BytesIO(page)).convert("L")
        right_margin = picture.crop((picture.width - 50, 0, picture.width, picture.height))
        assert right_margin.getextrema() == (255, 255)

    def test_a_very_long_word_is_printed_whole(self):
        long_word = "0123456789abcdef" * 20
        assert long_word in pdf_text(reports.record(record((long_word, "beside"))))

    def test_five_hundred_rows_are_all_printed_within_seconds(self):
        rows = [
            (f"row-{n}", "≥ 70 %", "a longer remark that takes two lines of its column") for n in range(500)
        ]
        started = time.monotonic()
        text = pdf_text(reports.record(record(*rows)))
        assert all(f"row-{n}≥70%" in text for n in range(500))
        assert time.monotonic() - started < 20

    def test_a_cell_longer_than_a_page_goes_on_on_the_next(self):
        text = " ".join(f"word{n}" for n in range(3000))
        assert "word2999" in pdf_text(reports.record(record((text, "x"))))


class TestRefusal:
    def test_a_time_without_a_zone_is_refused(self):
        naive = dataclasses.replace(HEADING, generated_at=HEADING.generated_at.replace(tzinfo=None))
        with pytest.raises(UnableToPrint, match="has no time zone"):
            reports.record(record(("row",), heading=naive))

    def test_an_unknown_template_is_named(self):
        with pytest.raises(UnableToPrint, match="no template “nonesuch”"):
            render.pdf("nonesuch", {}, generated_at=at(0, 0))

    def test_a_template_that_lacks_a_value_fails_instead_of_leaving_it_out(self):
        with pytest.raises(UnableToPrint, match="record"):
            render.pdf("record", {"title": "No heading"}, generated_at=at(0, 0))

    def test_a_heading_has_no_default(self):
        with pytest.raises(TypeError):
            Heading(document_id="D")
