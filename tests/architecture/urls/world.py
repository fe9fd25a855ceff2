"""What the pages are about: one order of a treatment site with a row of each kind that has a page."""

from dataclasses import dataclass
from datetime import date

from django.test import Client

from assays import catalogue
from tests import factories
from tests.assays import bench as laboratory_bench
from tests.assays import control_bench
from tests.batches import bench as floor_bench
from tests.cast import person
from tests.passkeys import with_passkey
from tilmfg.accounts.models import Device
from tilmfg.accounts.services import register_device, service_account
from tilmfg.identity import vault
from tilmfg.identity.models import Label, PatientVault, Scan
from tilmfg.quality.models import Deviation
from tilmfg.quality.services import open_investigation
from tilmfg.release.models import Document
from tilmfg.release.states import LotState
from tilmfg.treatment.models import BedsideCheck

ENTERED_BY_FORM = next(entry for entry in catalogue.CATALOGUE if entry["kind"] == "form")


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
