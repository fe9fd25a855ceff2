import dataclasses

import pytest

from tests.documents.samples import LABEL, pdf_text, squeezed
from tilmfg.documents import UnableToPrint, data_matrix, print_label
from tilmfg.documents.contents import LabelContent


def test_a_printed_label_was_read_back_from_its_picture():
    """COI-3"""
    printed = print_label(LABEL)
    assert printed.decoded == printed.payload == "&/CHA999926000042.BG2"
    assert printed.pdf.startswith(b"%PDF-")


def test_a_symbol_that_reads_otherwise_stops_the_label(monkeypatch):
    """COI-3"""
    other = data_matrix.svg("&/CHA999926000043.BG2")
    monkeypatch.setattr(data_matrix, "svg", lambda payload: other)
    with pytest.raises(UnableToPrint, match=r"reads \['&/CHA999926000043.BG2'\]"):
        print_label(LABEL)


def test_a_symbol_that_cannot_be_read_stops_the_label(monkeypatch):
    """COI-3"""
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"></svg>'
    monkeypatch.setattr(data_matrix, "svg", lambda payload: blank)
    with pytest.raises(UnableToPrint, match=r"reads \[\]"):
        print_label(LABEL)


@pytest.mark.parametrize(
    "change", [{"coi_id": "CHA999926000043"}, {"container_code": "BG3"}, {"payload": "&/CHA999926000042"}]
)
def test_text_and_symbol_that_disagree_are_refused(change):
    with pytest.raises(UnableToPrint, match="The symbol would say"):
        print_label(dataclasses.replace(LABEL, **change))


def test_it_prints_all_that_a_person_needs():
    text = pdf_text(print_label(LABEL).pdf)
    shown = [
        "CHA999926000042",
        "PROVISIONAL IDENTIFIER",
        "BG2",
        "2 of 4",
        "Product bag",
        "MEL-0042",
        "TIL-2026-0042",
        "110 mL",
        "Manufactured 2026-10-23",
        "Expires 2027-10-24",
        "Store at ≤ −150 °C",
        *LABEL.statements,
        LABEL.manufacturer,
        "LBL-000123",
        "2026-10-24T18:00:00Z",
    ]
    assert [words for words in shown if squeezed(words) not in text] == []


def test_the_check_character_stands_beside_the_id_but_not_in_the_symbol():
    assert "CHA999926000042I" in pdf_text(print_label(LABEL).pdf)
    assert "000042I" not in print_label(LABEL).decoded


def test_an_assigned_facility_number_is_not_called_provisional():
    text = pdf_text(print_label(dataclasses.replace(LABEL, provisional=False)).pdf)
    assert "PROVISIONAL" not in text


def test_a_biohazard_label_bears_the_legend():
    text = pdf_text(print_label(dataclasses.replace(LABEL, biohazard=True)).pdf)
    assert "☣BIOHAZARD" in text


def test_a_label_whose_text_does_not_fit_is_refused():
    long = dataclasses.replace(LABEL, statements=LABEL.statements * 6)
    with pytest.raises(UnableToPrint, match="fills 2 page"):
        print_label(long)


def test_every_container_of_an_order_gets_a_readable_symbol():
    for code in ("TB1", "FL10", "QC4", "BG999"):
        label: LabelContent = dataclasses.replace(
            LABEL, container_code=code, payload=f"&/CHA999926000042.{code}"
        )
        assert print_label(label).decoded == label.payload
