"""Who may open which page: one row per URL name."""

from dataclasses import dataclass
from http import HTTPStatus

import pytest
from django.urls import reverse

TECHNICIANS, ANALYSTS, QA, SITE = {"olga", "tomas"}, {"ana", "ines"}, {"quinn", "rosa"}, {"sam", "nora"}
ADAM, VERA, ROOT, EVE, ROSA = {"adam"}, {"vera"}, {"root"}, {"eve"}, {"rosa"}
FACILITY = TECHNICIANS | ANALYSTS | QA | ADAM | VERA
EVERYBODY = FACILITY | SITE | ROOT | EVE

# Without signing in; everything else asks who is there.
OPEN_TO_THE_WORLD = {"healthz", "login", "login_code", "enrol", "invited", "logout", "passkey_ask"}
OPEN_TO_THE_WORLD |= {"lock", "unlock", "single_sign_on", "single_sign_on_back"}


@dataclass(frozen=True)
class Row:
    """Who may open the page; everybody else is refused, or (`hidden`) is answered as if it were not there."""

    allowed: set
    of: tuple = ()  # attributes of a story that the URL is made of
    query: tuple = ()  # a name, and what it is followed to
    hidden: frozenset = frozenset()

    def url(self, name, story):
        address = reverse(name, args=[_follow(story, path) for path in self.of])
        if self.query:
            parameter, path = self.query
            address += f"?{parameter}={_follow(story, path)}"
        return address


def _follow(story, path):
    """`order.coi_id` of the story; what begins with `=` stands for itself."""
    if path.startswith("="):
        return path[1:]
    for name in path.split("."):
        story = getattr(story, name)
    return story


COI, LOT = "order.coi_id", "order.lot_number"
STEP = (LOT, "=fragment_and_seed")
METHOD = ("method.code", "method.version")

TABLE = {
    # home
    "home": Row(EVERYBODY),
    "about": Row(EVERYBODY),
    "scan": Row(FACILITY | SITE, query=("scan", LOT), hidden=frozenset(ROOT | EVE)),
    "healthz": Row(EVERYBODY, query=("part", "=web")),
    # accounts
    "login": Row(EVERYBODY),
    "logout": Row(EVERYBODY),
    "login_code": Row(EVERYBODY),
    "enrol": Row(EVERYBODY),
    "single_sign_on": Row(set(), hidden=frozenset(EVERYBODY)),  # no provider is set
    "single_sign_on_back": Row(set(), hidden=frozenset(EVERYBODY)),
    "lock": Row(EVERYBODY),
    "unlock": Row(set(), hidden=frozenset(EVERYBODY)),  # their browsers are no registered tablets
    "tablets": Row(QA | VERA | ROOT),
    "tablet_register": Row(ROOT),
    "tablet_withdraw": Row(ROOT, of=("tablet.pk",)),
    "pin_choose": Row(EVERYBODY),
    "badge_issue": Row(ROOT, of=("=olga",)),
    "badge_withdraw": Row(ROOT, of=("=olga",)),
    "statement": Row(EVERYBODY - EVE),
    "statement_publish": Row({"rosa"}),
    "own_training": Row(EVERYBODY - EVE),
    "training": Row(QA | VERA),
    "person_training": Row(QA | VERA, of=("=olga",)),
    "qualification_give": Row(QA, of=("=olga",)),
    "qualification_revoke": Row(QA, of=("qualification.pk",)),
    "people": Row(QA | VERA | ROOT),
    "person": Row(QA | VERA | ROOT, of=("=olga",)),
    "identity_verify": Row(ROOT | ROSA, of=("=olga",)),
    "account_reviews": Row(QA | VERA | ROOT),
    "person_link": Row(ROOT, of=("=olga",)),
    "person_unlink": Row(ROOT, of=("=olga",)),
    "person_unlock": Row(ROOT, of=("=olga",)),
    "person_reset_authenticator": Row(ROOT, of=("=olga",)),
    "person_register": Row(ROOT),
    "person_invite": Row(ROOT, of=("=olga",)),
    "person_deactivate": Row(ROOT, of=("=olga",)),
    "person_reactivate": Row(ROOT, of=("=olga",)),
    "role_grant": Row(ROOT, of=("=olga",)),
    "role_revoke": Row(ROOT, of=("=olga",)),
    "account": Row(EVERYBODY),
    "password_change": Row(EVERYBODY),
    "passkey_ask": Row(EVERYBODY),
    "passkey_ask_new": Row(EVERYBODY),
    "passkey_add": Row(EVERYBODY),
    "passkey_remove": Row({"olga"}, of=("passkey.pk",), hidden=frozenset(EVERYBODY - {"olga"})),
    "recovery_codes": Row(EVERYBODY),
    "recovery_codes_issue": Row(EVERYBODY),
    "invited": Row(EVERYBODY),
    # facility
    "sites": Row(QA | VERA | ROOT),
    "site_admit": Row(QA, of=("order.site.code",)),
    "site_dismiss": Row(QA, of=("order.site.code", "=sam")),
    # records
    "records": Row(QA | ADAM | VERA | ROOT),
    "records_export": Row(QA | ADAM | VERA | ROOT),
    "record_history": Row(QA | ADAM | VERA | ROOT, of=("=identity_therapyorder", "order.pk")),
    # quality
    "deviations": Row(FACILITY),
    "deviation": Row(FACILITY, of=("deviation.number",)),
    "deviation_close": Row(QA, of=("deviation.number",)),
    "investigation": Row(FACILITY, of=("investigated.number",)),
    "investigation_conclude": Row(QA, of=("investigated.number",)),
    # identity
    "orders": Row(FACILITY | SITE),
    "order_new": Row(ADAM),
    "order_again": Row(ADAM, of=(COI,)),
    "order": Row(FACILITY | SITE, of=(COI,)),
    "order_person": Row(ADAM, of=(COI,)),
    "order_resume": Row({"rosa"}, of=(COI,)),
    "order_report": Row(ADAM | QA | VERA, of=(COI,)),
    "order_report_csv": Row(ADAM | QA | VERA, of=(COI,)),
    "receive_tumor": Row(TECHNICIANS, of=(COI,)),
    "label_print": Row(TECHNICIANS | ADAM, of=(COI, "bottle.code")),
    "label": Row(TECHNICIANS | ADAM | QA | VERA, of=("label.pk",)),
    "label_apply": Row(TECHNICIANS | ADAM, of=("label.pk",)),
    "label_destroy": Row(TECHNICIANS | ADAM, of=("label.pk",)),
    "mismatch": Row(FACILITY | SITE, of=("scan.pk",)),
    # batches
    "floor": Row(FACILITY),
    "batch_start": Row(TECHNICIANS, of=(COI,)),
    "batch": Row(FACILITY, of=(LOT,)),
    "reading_correct": Row(TECHNICIANS, of=(LOT, "reading.pk")),
    "reading_confirm": Row(TECHNICIANS, of=(LOT, "reading.pk")),
    "step": Row(TECHNICIANS, of=STEP),
    "step_labels": Row(TECHNICIANS, of=STEP),
    "step_discard": Row(TECHNICIANS, of=(*STEP, "=FL")),
    "step_scan": Row(TECHNICIANS, of=STEP),
    "step_verify": Row(TECHNICIANS, of=STEP),
    # assays
    "laboratory": Row(ANALYSTS | QA | VERA),
    "methods": Row(ANALYSTS | QA | VERA),
    "method_new": Row(ANALYSTS | ROSA),
    "method_version": Row(ANALYSTS | QA | VERA, of=METHOD),
    "method_changes": Row(ANALYSTS | QA | VERA, of=(*METHOD, "method.version")),
    "method_redraft": Row(ANALYSTS | ROSA, of=METHOD),
    "method_edit": Row(ANALYSTS | ROSA, of=METHOD),
    "method_layout": Row(ANALYSTS | ROSA, of=METHOD),
    "method_layout_check": Row(ANALYSTS | ROSA, of=METHOD),
    "method_layout_file": Row(ANALYSTS | QA | VERA, of=(*METHOD, "=list")),
    "method_discard": Row(ANALYSTS | ROSA, of=METHOD),
    "method_approve": Row(ROSA, of=METHOD),
    "method_withdraw": Row(ROSA, of=METHOD),
    "controls": Row(ANALYSTS | QA | VERA),
    "control_new": Row(ANALYSTS),
    "control": Row(ANALYSTS | QA | VERA, of=("control.pk",)),
    "control_csv": Row(ANALYSTS | QA | VERA, of=("control.pk",)),
    "control_pdf": Row(ANALYSTS | QA | VERA, of=("control.pk",)),
    "control_propose": Row(ANALYSTS, of=("control.pk",)),
    "control_use": Row(ANALYSTS, of=("control.pk",)),
    "control_end": Row(ANALYSTS, of=("control.pk",)),
    "control_value": Row(ANALYSTS | QA | VERA, of=("control_value.pk",)),
    "trends": Row(ANALYSTS | QA | VERA),
    "trend": Row(ANALYSTS | QA | VERA, of=("attribute", "result.stage", "method.code")),
    "trend_csv": Row(ANALYSTS | QA | VERA, of=("attribute", "result.stage", "method.code")),
    "trend_pdf": Row(ANALYSTS | QA | VERA, of=("attribute", "result.stage", "method.code")),
    "samples": Row(ANALYSTS | QA | VERA),
    "sample_receive": Row(ANALYSTS),
    "sample": Row(ANALYSTS | QA | VERA, of=("sample.name",)),
    "result_new": Row(ANALYSTS, of=("sample.name", "attribute")),
    "result_read_again": Row(ANALYSTS, of=("result.pk",)),
    "result_review": Row(ANALYSTS, of=("result.pk",)),
    "import": Row(ANALYSTS),
    "import_preview": Row(ANALYSTS, of=("file.pk",)),
    "import_check": Row(ANALYSTS, of=("file.pk",)),
    "runs": Row(ANALYSTS | QA | VERA),
    "run": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
    "run_progress": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
    "run_try_again": Row(ANALYSTS, of=("run.pk",)),
    "run_mask": Row(ANALYSTS, of=("run.pk",)),
    "run_recalculate": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
    "run_report": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
    "run_review": Row(ANALYSTS, of=("run.pk",)),
    # release
    "lots": Row(FACILITY | SITE),
    "lot": Row(FACILITY | SITE, of=(LOT,)),
    "lot_trail": Row(QA | VERA, of=(LOT,)),
    "lot_review": Row(QA | VERA, of=(LOT,)),
    "lot_disposition": Row(QA | VERA, of=(LOT,)),
    "lot_return": Row(QA, of=(LOT,)),
    "lot_progress": Row(QA | VERA, of=(LOT,)),
    "document": Row(FACILITY | SITE, of=("document.pk",)),
    # api
    "api_lots": Row(FACILITY | SITE),
    "api_lot": Row(FACILITY | SITE, of=(LOT,)),
    "api_order_events": Row(FACILITY | SITE, of=(COI,)),
    "api_about": Row(FACILITY | SITE),
    "api_schema": Row(FACILITY | SITE),
    # treatment
    "treatment": Row(SITE | ADAM | QA | VERA),
    "treatment_lot": Row(SITE | ADAM | QA | VERA, of=(LOT,)),
    "receive_at_site": Row(SITE, of=(LOT, "bag.code")),
    "bedside": Row(SITE, of=(LOT, "bag.code")),
    "bedside_mismatch": Row(SITE | ADAM | QA | VERA, of=(LOT, "failed.pk")),
    "infuse": Row(SITE, of=(LOT, "check.pk")),
}
each_row = pytest.mark.parametrize("name", TABLE)
each_closed_row = pytest.mark.parametrize("name", [name for name in TABLE if name not in OPEN_TO_THE_WORLD])
each_row_of_a_site = pytest.mark.parametrize(
    "name",
    [name for name, row in TABLE.items() if "sam" in row.allowed and (row.of or LOT in row.query)],
)
OPENS = (HTTPStatus.OK, HTTPStatus.FOUND, HTTPStatus.METHOD_NOT_ALLOWED)  # to whom it is open, a POST is not
