import dataclasses

import pytest

from tests.documents.samples import CERTIFICATE, DIGEST, criterion, pdf_text, squeezed
from tilmfg.documents import certificate_of_analysis
from tilmfg.documents.contents import Verdict
from tilmfg.documents.text import plain

TEXT = pdf_text(certificate_of_analysis(CERTIFICATE))


def _values(data):
    match data:
        case dict():
            return [value for item in data.values() for value in _values(item)]
        case list():
            return [value for item in data for value in _values(item)]
        case str():
            return [data]
    return []


def test_it_prints_every_value_of_its_content():
    not_shown_as_such = {*Verdict, CERTIFICATE.disposition_tone}
    missing = [
        value
        for value in _values(plain(CERTIFICATE))
        if value not in not_shown_as_such and squeezed(value) not in TEXT
    ]
    assert missing == []


def test_it_says_each_verdict_in_words():
    for line in ("86%✓Pass", "12%✗Fail", "noresultMissing", "noresultPending"):
        assert line in TEXT


@pytest.mark.parametrize(("verdict", "word"), [("pass", "Pass"), ("fail", "Fail"), ("missing", "Missing")])
def test_each_verdict_has_its_own_word(verdict, word):
    only = dataclasses.replace(
        CERTIFICATE, criteria=(criterion(verdict=Verdict(verdict)),), pending_tests=(), covers=""
    )
    text = pdf_text(certificate_of_analysis(only))
    words = {"Pass", "Fail", "Missing", "Pending"} - {word}
    results = text[text.index("Resultsagainst") : text.index("Pendingtests")]
    assert word in results
    assert not any(other in results for other in words)


def test_a_missing_value_is_said_to_be_missing():
    assert "Releasednotrecorded" in TEXT


def test_each_signature_shows_name_meaning_time_reason_and_digest():
    """P11-13"""
    assert (
        f"RosaMüller-DupréMeaningApprovedthedispositionTime2026-11-08T11:47:00Z"
        f"ReasonAllcriteriapass.Record{DIGEST}"
    ) in TEXT


def test_it_says_so_when_nobody_has_signed():
    unsigned = dataclasses.replace(CERTIFICATE, signatures=())
    assert "Notsigned.Thisisnocertificateuntilitissigned." in pdf_text(certificate_of_analysis(unsigned))


def test_it_says_so_when_nothing_is_pending_and_nothing_deviated():
    clean = dataclasses.replace(CERTIFICATE, pending_tests=(), deviations=())
    text = pdf_text(certificate_of_analysis(clean))
    assert "PendingtestsNone." in text
    assert "DeviationsNone." in text
