"""A signature that was moved, copied, altered or given away is found out: 21 CFR 11.70."""

import psycopg
import pytest

from tests.faults.attacks import acting_as, as_application
from tests.faults.conftest import rolled_back

pytestmark = pytest.mark.xdist_group("tampering")  # one facility for all

COLUMNS = """format, chain, subject_kind, subject_id, subject_version, meaning, signer_id, printed_name, reason,
    signed_at, content, content_digest, digest"""
APPROVAL = "FROM records_signature WHERE meaning = 'approved' AND subject_kind = 'release.lot'"
COPY = f"""
    INSERT INTO records_signature ({COLUMNS})
    SELECT {COLUMNS.replace("subject_id", "subject_id + 1")} {APPROVAL}
"""
SIGNERS_GUARD = "pgtrigger_signatures_are_given_by_who_signs_b4d75"
UNSEALED = (
    "ALTER TABLE records_signature DISABLE TRIGGER USER",
    "ALTER TABLE records_signature DROP CONSTRAINT signatures_are_sealed",
)


def test_a_signature_copied_to_another_record_is_named(after):
    """P11-14: whatever guards were taken away before."""
    found = after(*UNSEALED, COPY)
    assert "its digest is not that of the record, name and meaning beside it" in {
        b.message for b in found.breaks if b.check == "signatures"
    }


def test_a_signature_is_not_copied_to_another_record_even_by_the_superuser(admin):
    """P11-14"""
    with rolled_back(admin):
        admin.execute(UNSEALED[0])
        with pytest.raises(psycopg.errors.CheckViolation, match="signatures_are_sealed"):
            admin.execute(COPY)


def test_a_signature_written_again_by_another_is_named(after):
    """P11-14: a true copy for the same record, in the name of who is known to be at work."""
    found = after(
        *acting_as("eve"),
        f"ALTER TABLE records_signature DISABLE TRIGGER {SIGNERS_GUARD}",
        COPY.replace("subject_id + 1", "subject_id"),
    )
    assert "it is rosa's, but eve wrote it" in {b.message for b in found.breaks}


def test_a_signature_whose_content_was_altered_is_named(after):
    """P11-14"""
    found = after(
        *UNSEALED,
        "UPDATE records_signature SET content = replace(content, 'release', 'reject') WHERE content LIKE '%%release%%'",
    )
    assert "its content is not what was signed" in {
        b.message for b in found.breaks if b.check == "signatures"
    }


def test_a_signature_given_to_another_person_is_named(after):
    """P11-15"""
    found = after(
        *UNSEALED,
        "UPDATE records_signature SET signer_id = (SELECT id FROM accounts_user WHERE username = 'adam') "
        "WHERE meaning = 'approved' AND subject_kind = 'release.lot'",
    )
    assert "it is adam's, but rosa wrote it" in {b.message for b in found.breaks}


@pytest.mark.parametrize(
    ("missing", "answer"), [("printed_name", "GM012"), ("reason", "23514"), ("meaning", "GM013")]
)
def test_a_signature_without_name_reason_or_meaning_is_no_signature(admin, missing, answer):
    """P11-13"""
    nothing = "NULL" if missing == "meaning" else "''"
    into, chosen = COPY.split("SELECT")
    chosen = chosen.replace(f"{missing},", f"{nothing},").replace("signed_at", "now()")
    statement = f"{into} SELECT {chosen}"
    assert as_application(admin, *acting_as("rosa"), statement) == answer
