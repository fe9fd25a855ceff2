"""Who may open which page: one row per URL name. A URL without a row fails, and a row without a URL.

P11-04, SEC-03. And what every answer tells the browser; SEC-08.
"""

import uuid
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from http import HTTPStatus

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse

from assays import catalogue
from tests import factories
from tests.assays import bench as laboratory_bench
from tests.assays import control_bench
from tests.batches import bench as floor_bench
from tests.cast import CAST, person
from tests.passkeys import with_passkey
from tilmfg.accounts.models import Device, RoleGrant
from tilmfg.accounts.services import register_device, service_account
from tilmfg.facility.selectors import sites_of
from tilmfg.identity import vault
from tilmfg.identity.models import Label, PatientVault, Scan
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import open_investigation
from tilmfg.records.models import Event
from tilmfg.release.models import Document
from tilmfg.release.states import LotState
from tilmfg.treatment.models import BedsideCheck

ENTERED_BY_FORM = next(entry for entry in catalogue.CATALOGUE if entry["kind"] == "form")

# ── What the pages are about ─────────────────────────────────────────────────────────────────────


class Story:
    """One order of a treatment site with a row of each kind that identity, release and treatment have pages for."""

    def __init__(self, site):
        self.order = factories.make_order(site=site, state="received")
        self.lot = factories.make_lot(order=self.order, state=LotState.RELEASED)
        self.bag, _ = factories.make_bags(self.order, 2, state="at_site")
        self.bottle = self.order.containers.get(code="TB1")
        with factories.writing():
            self.label = self._label()
            self.scan = self._scan(self.bottle, read="=%another label")
            self.document = self._document()
            self.check = self._check(matches=True)
            self.failed = self._check(matches=False)

    def _label(self):
        payload = self.bottle.payload
        return Label.objects.create(
            order=self.order,
            container=self.bottle,
            copy=1,
            payload=payload,
            decoded=payload,
            pdf=b"%PDF-1.7",
            pdf_digest="0" * 64,
            printed_by=person("adam"),
        )

    def _scan(self, container, *, read):
        matches = read == container.payload
        return Scan.objects.create(
            order=self.order,
            purpose="Receipt",
            expected=container.payload,
            read=read,
            matches=matches,
            scanned_by=person("olga"),
        )

    def _document(self):
        number = f"COA-{self.order.lot_number}"
        return Document.objects.create(
            order=self.order,
            kind=Document.Kind.CERTIFICATE_OF_ANALYSIS,
            number=number,
            filename=f"{number}.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.7",
            sha256="0" * 64,
            issued_by=person("rosa"),
        )

    def _check(self, *, matches):
        scan = self._scan(self.bag, read=self.bag.payload)
        return BedsideCheck.objects.create(
            order=self.order,
            container=self.bag,
            patient=self.order.patient,
            cassette_scan=scan,
            bag_scan=scan,
            matches=matches,
            first=person("sam"),
            second=person("nora"),
        )


class FacilityStory(Story):
    """And what only the facility works on: a batch, its readings, samples, files, runs, results, a deviation."""

    def __init__(self, site):
        super().__init__(site)
        with factories.writing():
            wristband = vault.wristband_index(site.code, "H1")
            identity = vault.Identity(name="X", birth_date=date(1961, 4, 12), hospital_number="H1")
            PatientVault.objects.create(
                patient=self.order.patient, sealed=vault.seal(identity), wristband_index=wristband
            )
        self.batch = floor_bench.started(order=self.order)
        self.qualification = person("olga").qualifications.order_by("pk")[0]
        self.reading = self._reading()
        self.sample = laboratory_bench.received_sample()
        factories.make_bags(self.sample.order)  # cells are counted per bag
        self.method = method = laboratory_bench.method_of(ENTERED_BY_FORM)
        self.attribute = ENTERED_BY_FORM["content"]["results"][0]["attribute"]
        self.result = factories.make_result(
            self.sample, self.attribute, text="pass", method=method, final=False
        )
        self.run = laboratory_bench.import_counts(self.sample)
        self.file = laboratory_bench.store(
            laboratory_bench.counts("S9"), kind="cell_counter", filename="nine.csv"
        )
        self.control_value = control_bench.proposed()
        self.control = self.control_value.lot
        self.deviation = self._deviation()
        self.investigated = self._investigated()
        with_passkey("olga")
        register_device(name="Cabinet 1", reason="Stands in the clean room", by=person("root"))
        self.tablet = Device.objects.get()
        self.passkey = person("olga").passkeys.get()

    def _reading(self):
        return floor_bench.record(self.batch, "fragment_and_seed").readings.get(parameter="tumor_pieces")

    def _deviation(self):
        with factories.writing():
            return Deviation.objects.create(
                number=f"DEV-2025-{self.order.pk:04}",
                chain=self.order.chain,
                subject_kind="identity.order",
                subject_id=self.order.pk,
                kind="other",
                title="Door left open",
                description="For four minutes.",
                opened_by=person("olga"),
            )

    def _investigated(self):
        return open_investigation(
            chain=self.result.chain,
            result_id=self.result.pk,
            analyst=person("ana"),
            reviewer=person("ines"),
            retests_planned=2,
            title="Identity: 81 % is out of specification",
            description="81 % was found.",
            by=service_account(),
        ).deviation


@dataclass(frozen=True)
class World:
    """Sam's and nora's site 07 with its order, and site 12 with another."""

    own: FacilityStory
    foreign: Story
    clients: dict[str | None, Client]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Made once for all rows and never written: the module is one transaction."""
    with django_db_blocker.unblock(), transaction.atomic():
        clients = {None: Client()}
        for username in CAST:
            clients[username] = Client()
            clients[username].force_login(person(username))
        yield World(
            own=FacilityStory(factories.make_site("07", "sam", "nora")),
            foreign=Story(factories.make_site("12")),
            clients=clients,
        )
        transaction.set_rollback(True)


@pytest.fixture
def visit(world):
    """What a member of the cast, or nobody, is answered; nothing that a request wrote stays."""

    def answer(username, url, *, post=False):
        client = world.clients[username]
        cookies = deepcopy(client.cookies)
        answered = client.post(url, {"idempotency_key": str(uuid.uuid4())}) if post else client.get(url)
        client.cookies = cookies  # logging out takes them away
        return answered

    with transaction.atomic():
        yield answer
        transaction.set_rollback(True)


# ── The table ────────────────────────────────────────────────────────────────────────────────────

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
    "control_propose": Row(ANALYSTS, of=("control.pk",)),
    "control_use": Row(ANALYSTS, of=("control.pk",)),
    "control_end": Row(ANALYSTS, of=("control.pk",)),
    "control_value": Row(ANALYSTS | QA | VERA, of=("control_value.pk",)),
    "trends": Row(ANALYSTS | QA | VERA),
    "trend": Row(ANALYSTS | QA | VERA, of=("attribute", "result.stage", "method.code")),
    "samples": Row(ANALYSTS | QA | VERA),
    "sample_receive": Row(ANALYSTS),
    "sample": Row(ANALYSTS | QA | VERA, of=("sample.name",)),
    "result_new": Row(ANALYSTS, of=("sample.name", "attribute")),
    "result_review": Row(ANALYSTS, of=("result.pk",)),
    "import": Row(ANALYSTS),
    "import_preview": Row(ANALYSTS, of=("file.pk",)),
    "import_check": Row(ANALYSTS, of=("file.pk",)),
    "runs": Row(ANALYSTS | QA | VERA),
    "run": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
    "run_progress": Row(ANALYSTS | QA | VERA, of=("run.pk",)),
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


def names_in(resolver):
    """Every URL name below; a URL without a name is told by its pattern."""
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from names_in(entry)
        else:
            yield entry.name or str(entry.pattern)


def leads_to_sign_in(response):
    return response.status_code == HTTPStatus.FOUND and response["Location"].startswith(reverse("login"))


# ── The tests ────────────────────────────────────────────────────────────────────────────────────


def test_every_url_has_its_row_and_every_row_its_url():
    assert sorted(names_in(get_resolver())) == sorted(TABLE)


@each_row
def test_a_page_opens_for_whom_it_is_and_for_nobody_else(world, visit, name):
    row = TABLE[name]
    url = row.url(name, world.own)
    answers = {who: visit(who, url) for who in CAST}
    opened = {who for who, answer in answers.items() if answer.status_code in OPENS}
    assert opened == row.allowed, {who: answer.status_code for who, answer in answers.items()}
    assert not [who for who in opened if leads_to_sign_in(answers[who])]
    for who in CAST.keys() - row.allowed:
        expected = HTTPStatus.NOT_FOUND if who in row.hidden else HTTPStatus.FORBIDDEN
        assert answers[who].status_code == expected, who


@each_closed_row
def test_what_is_sent_is_refused_before_it_is_read(world, visit, name):
    row = TABLE[name]
    for who in CAST.keys() - row.allowed - row.hidden:
        assert visit(who, row.url(name, world.own), post=True).status_code == HTTPStatus.FORBIDDEN, who


# Of the whole request, what was rolled back counted, too.
ROWS_WRITTEN = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""


def rows_written():
    with connection.cursor() as cursor:
        cursor.execute(ROWS_WRITTEN)
        return dict(cursor.fetchall())


@each_closed_row
@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_a_refusal_is_one_event_of_the_trail_and_writes_nothing_else(world, visit, name, post):
    """P11-07"""
    row = TABLE[name]
    url = row.url(name, world.own)
    for who in CAST.keys() - row.allowed - row.hidden:
        before = rows_written()
        assert visit(who, url, post=post).status_code == HTTPStatus.FORBIDDEN
        after = rows_written()
        wrote = {table: rows - before.get(table, 0) for table, rows in after.items()}
        wrote.pop("django_session", None)  # that it is still in use
        wrote.pop("chain", None)  # the first event of one begins it
        assert {table: rows for table, rows in wrote.items() if rows} == {
            "accounts_refusal": 1, "records_event": 1, "event": 1,
        }, who  # fmt: skip
        told = Event.objects.latest("pk")
        assert (told.name, told.actor.username) == ("accounts.user.refused", who)
        assert told.details["address"] == url.partition("?")[0]
        assert told.details["because"] not in ("", "Forbidden")


@each_closed_row
@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_nobody_gets_in_without_signing_in(world, visit, name, post):
    answer = visit(None, TABLE[name].url(name, world.own), post=post)
    assert leads_to_sign_in(answer) or answer.status_code == HTTPStatus.FORBIDDEN


FILES = {
    "records_export",
    "order_report",
    "order_report_csv",
    "label",
    "run_report",
    "document",
    "method_layout_file",
}


@each_row
def test_a_file_leaves_one_event_with_the_digest_of_its_bytes(world, visit, name):
    """Whichever page answers one: a new page that hands out a file past `records.exports` fails here."""
    for who in sorted(TABLE[name].allowed)[:1]:
        before = Event.objects.filter(name="records.file.exported").count()
        answer = visit(who, TABLE[name].url(name, world.own))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told = list(Event.objects.filter(name="records.file.exported").order_by("pk"))[before:]
        is_file = "Content-Disposition" in answer and name != "api_schema"  # which says nothing of any record
        assert is_file == (name in FILES) == bool(told)
        for event in told:
            assert (event.actor.username, event.chain) == (who, "facility:exports")
            assert event.details["sha256"] == sha256(content).hexdigest()
            assert f'filename="{event.details["file"]}"' in answer["Content-Disposition"]
            assert event.details["kind"]
            assert ("rows" in event.details) == answer["Content-Type"].startswith("text/csv")
        assert len(told) <= 1


HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "base-uri 'none'; default-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'",
}


def assert_safe(answer):
    said = {name: answer.headers.get(name) for name in HEADERS}
    said["Content-Security-Policy"] = "; ".join(sorted(said["Content-Security-Policy"].split("; ")))
    assert said == HEADERS, answer.status_code
    permissions = answer.headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "usb=()"} <= set(permissions)
    assert not [allowed for allowed in permissions if not allowed.endswith(("=()", "=(self)"))]


@each_row
@pytest.mark.parametrize("post", [False, True], ids=["get", "post"])
def test_every_answer_carries_its_headers(world, visit, name, post):
    """Opened, refused, not there and not signed in."""
    url = TABLE[name].url(name, world.own)
    for who in (None, "sam", "eve", *sorted(TABLE[name].allowed)[:1]):
        assert_safe(visit(who, url, post=post))


@pytest.mark.parametrize(
    ("url", "said", "status"),
    [
        ("/nothing-here", {}, 404),
        ("/lots", {}, 301),  # the slash is added before anybody is asked who they are
        ("/", {"HTTP_HOST": "elsewhere.example"}, 400),
        ("/", {"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ("/static/none.css", {}, 404),
    ],
)
def test_what_no_page_answers_carries_them_too(world, url, said, status):
    answer = world.clients[None].get(url, **said)
    assert answer.status_code == status
    assert_safe(answer)


def test_a_page_that_breaks_carries_them_too(world, monkeypatch):
    def breaks(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("tilmfg.home.views.render", breaks)
    client = world.clients["olga"]
    monkeypatch.setattr(client, "raise_request_exception", False)
    answer = client.get(reverse("home"))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert_safe(answer)


@each_row_of_a_site
def test_what_belongs_to_another_site_is_not_there(world, visit, name):
    row = TABLE[name]
    urls = {row.url(name, world.foreign)}
    if len(row.of) == 2:  # an own lot's address with the other's row inside, and the reverse
        outer, inner = row.of
        mixed = partial(Row, row.allowed)
        urls |= {
            mixed(of=(f"foreign.{outer}", f"own.{inner}")).url(name, world),
            mixed(of=(f"own.{outer}", f"foreign.{inner}")).url(name, world),
        } - {mixed(of=(f"own.{outer}", f"own.{inner}")).url(name, world)}
    for url in urls:
        assert visit("sam", url).status_code == HTTPStatus.NOT_FOUND, url


def test_lists_show_a_site_nothing_of_another(world, visit):
    for name in ("home", "orders", "lots", "treatment", "api_lots"):
        for state in ("", "?state=all"):
            shown = visit("sam", reverse(name) + state).content.decode()
            assert world.foreign.order.lot_number not in shown
            assert world.foreign.order.patient.pseudonym not in shown
    assert world.own.order.lot_number in visit("sam", reverse("treatment")).content.decode()


def test_who_left_a_site_or_lost_the_role_sees_nothing_of_it(world, visit):
    with factories.writing():
        factories.make_site("07", "eve")
        sam = person("sam")
        assert sites_of(sam).exists()
        assert not sites_of(person("eve")).exists()
        sam.site_memberships.update(until=factories.NOW)
    assert not sites_of(sam).exists()
    assert visit("sam", reverse("lot", args=[world.own.order.lot_number])).status_code == HTTPStatus.NOT_FOUND


def test_a_revoked_role_closes_its_pages_at_once(world, visit):
    assert visit("olga", reverse("floor")).status_code == HTTPStatus.OK
    with factories.writing():
        RoleGrant.objects.filter(user=person("olga")).update(revoked_at=factories.NOW)
    assert visit("olga", reverse("floor")).status_code == HTTPStatus.FORBIDDEN
