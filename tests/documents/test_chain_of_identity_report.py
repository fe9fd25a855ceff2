import csv
import dataclasses
import io
from decimal import Decimal

import pytest

from tests.documents.samples import (
    CHAIN_OF_IDENTITY,
    MATCH,
    container,
    event,
    label_line,
    pdf_text,
    squeezed,
    transfer,
)
from tilmfg.documents import UnableToPrint, chain_of_identity_csv, chain_of_identity_report
from tilmfg.documents.genealogy import branches
from tilmfg.documents.render import digest
from tilmfg.documents.reports import Reconciliation, reconcile
from tilmfg.documents.spreadsheet import cell

TEXT = pdf_text(chain_of_identity_report(CHAIN_OF_IDENTITY))


def rows_of(content):
    return list(csv.DictReader(io.StringIO("".join(chain_of_identity_csv(content)), newline="")))


class TestPdf:
    def test_it_prints_each_event_with_time_actor_place_and_outcome(self):
        line = "2026-10-01T09:07:00ZContainerreceivedTB1OlgaPetrovaReceivingacceptedat4.1°C"
        assert line in TEXT

    def test_a_late_entry_shows_when_it_was_recorded(self):
        assert "recorded2026-10-02T09:00:00Z" in TEXT

    def test_it_prints_the_crosswalk_of_identifiers(self):
        assert "Donationnumber=A99991712345600Site07notrecorded" in TEXT

    def test_it_prints_the_genealogy_with_amounts(self):
        assert squeezed("└ PL1 Pooled harvest 490.5 not recorded 980.5 2.11 × 10¹⁰ consumed") in TEXT
        assert squeezed("└ PL1 Pooled harvest 490 not recorded shown above") in TEXT

    def test_a_mismatch_shows_expected_and_read_and_is_counted(self):
        assert "✗1notasexpected" in TEXT
        assert "✗Mismatch" in TEXT
        for text in ("&/CHA999926000042.FL2", "&/CHA999926000017.FL1", "DEV-2026-0113"):
            assert text in TEXT

    def test_without_a_mismatch_it_says_so(self):
        content = dataclasses.replace(CHAIN_OF_IDENTITY, scans=(MATCH,))
        assert "1,allasexpected" in pdf_text(chain_of_identity_report(content))

    def test_labels_are_reconciled(self):
        assert squeezed("Printed 3 applied 1 destroyed 1 unaccounted for 1") in TEXT
        assert "✗1unaccountedfor" in TEXT

    def test_custody_and_sign_off_are_printed(self):
        assert "StorageCourier12DockShipperS-11" in TEXT
        assert "−186.2" in TEXT
        assert "QuinnŁukasiewiczMeaningReviewedTime2026-11-08T09:12:00Z" in TEXT

    def test_an_order_on_which_nothing_has_happened_yet_prints(self):
        empty = dataclasses.replace(
            CHAIN_OF_IDENTITY, events=(), containers=(), transfers=(), scans=(), labels=(), custody=()
        )
        assert "EventsNone." in pdf_text(chain_of_identity_report(empty))

    def test_five_hundred_events_print(self):
        many = dataclasses.replace(
            CHAIN_OF_IDENTITY, events=tuple(event(subject=f"S{n}") for n in range(500))
        )
        text = pdf_text(chain_of_identity_report(many))
        assert all(f"ContainerreceivedS{n}Olga" in text for n in range(500))


class TestGenealogy:
    def test_children_stand_under_their_parents_and_a_pool_is_told_once(self):
        tree = branches(CHAIN_OF_IDENTITY.containers, CHAIN_OF_IDENTITY.transfers)
        assert [(b.depth, b.container.code, b.shown_above) for b in tree] == [
            (0, "TB1", False),
            (1, "FL1", False),
            (2, "PL1", False),
            (3, "BG1", False),
            (1, "FL2", False),
            (2, "PL1", True),
        ]

    def test_a_container_without_parents_is_a_root(self):
        tree = branches((container("TB1", "a"), container("FL9", "b")), ())
        assert [branch.depth for branch in tree] == [0, 0]

    def test_a_container_that_descends_from_itself_is_refused(self):
        loop = (transfer("FL1", "FL2"), transfer("FL2", "FL1"))
        containers = (container("TB1", "a"), container("FL1", "b"), container("FL2", "c"))
        with pytest.raises(UnableToPrint, match="descend from themselves: FL1, FL2"):
            branches(containers, loop)

    def test_a_loop_below_a_root_ends(self):
        loop = (transfer("TB1", "FL1"), transfer("FL1", "FL2"), transfer("FL2", "FL1"))
        containers = (container("TB1", "a"), container("FL1", "b"), container("FL2", "c"))
        assert [b.container.code for b in branches(containers, loop)] == ["TB1", "FL1", "FL2", "FL1"]

    def test_a_transfer_to_an_unlisted_container_is_refused(self):
        with pytest.raises(UnableToPrint, match="names XX9"):
            branches((container("TB1", "a"),), (transfer("TB1", "XX9"),))

    def test_two_containers_of_one_code_are_refused(self):
        with pytest.raises(UnableToPrint, match="same code"):
            branches((container("TB1", "a"), container("TB1", "b")), ())


class TestReconciliation:
    def test_a_label_that_was_applied_and_later_destroyed_is_accounted_for_once(self):
        both = label_line("TB1", destroyed_at=label_line("TB1").printed_at)
        assert reconcile((both,)) == Reconciliation(printed=1, applied=1, destroyed=1, unaccounted=0)


class TestCsv:
    rows = rows_of(CHAIN_OF_IDENTITY)

    def test_it_begins_with_the_report_and_its_digest(self):
        assert self.rows[0]["section"] == "report"
        assert self.rows[0]["outcome"] == digest(CHAIN_OF_IDENTITY)

    def test_it_holds_every_line_of_every_section(self):
        sections = [row["section"] for row in self.rows]
        counts = {section: sections.count(section) for section in dict.fromkeys(sections)}
        assert counts == {
            "report": 1,
            "identifier": 2,
            "container": 5,
            "transfer": 5,
            "event": 2,
            "scan": 2,
            "label": 5,
            "custody": 1,
            "signature": 1,
        }

    def test_an_event_has_its_actor_and_time(self):
        [first, _] = [row for row in self.rows if row["section"] == "event"]
        assert first["at_utc"] == "2026-10-01T09:07:00Z"
        assert first["actor"] == "Olga Petrova"

    def test_amounts_and_temperatures_stay_numbers(self):
        [custody] = [row for row in self.rows if row["section"] == "custody"]
        assert custody["temperature_c"] == "-186.2"
        [pool] = [row for row in self.rows if row["section"] == "container" and row["subject"] == "PL1"]
        assert pool["viable_cells"] == "21100000000"

    def test_a_donation_number_is_not_taken_for_a_formula(self):
        assert "'=A99991712345600" in [row["read"] for row in self.rows]

    def test_a_mismatch_cannot_be_overlooked(self):
        outcomes = [row["outcome"] for row in self.rows if row["section"] == "scan"]
        assert outcomes == ["match", "MISMATCH DEV-2026-0113, flask returned unopened"]

    def test_commas_quotes_and_line_breaks_come_back_as_they_were(self):
        nasty = 'a "quoted", comma\nand a line'
        content = dataclasses.replace(CHAIN_OF_IDENTITY, events=(event(outcome=nasty),))
        [row] = [row for row in rows_of(content) if row["section"] == "event"]
        assert row["outcome"] == nasty

    @pytest.mark.parametrize(
        "text",
        ["=1+1", "+49 30", "-", "-cmd|' /C calc'!A0", "@SUM(A1)", " =1", "+1", "-1e5", "--1"],
    )
    def test_what_a_spreadsheet_would_compute_is_shown_as_text(self, text):
        assert cell(text) == f"'{text}"

    @pytest.mark.parametrize("sign", ["\t", "\r", "\n"])
    def test_what_a_sign_that_parts_cells_would_let_begin_anew_is_marked_behind_it_too(self, sign):
        assert cell(f"{sign}=1") == f"'{sign}'=1"

    @pytest.mark.parametrize("text", ["-150", "-186.2", "12", "CHA999926000042", "a=b", "", "&/CHA1"])
    def test_numbers_and_plain_text_are_left_alone(self, text):
        assert cell(text) == text

    def test_a_negative_amount_is_a_number(self):
        assert cell(Decimal("-1E+2")) == "-100"
