"""Documents that are issued once and kept as they were issued; every reading of one is an event."""

import hashlib
import json

from django.conf import settings

from tilmfg import documents
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import FACILITY_ROLES, Role
from tilmfg.accounts.verbs import verb
from tilmfg.identity import services as identity
from tilmfg.identity.models import TherapyOrder
from tilmfg.identity.report_content import signature_line
from tilmfg.records.errors import UnableTo
from tilmfg.records.events import publish
from tilmfg.records.models import Event
from tilmfg.records.signature_status import status

from .. import dossier
from ..certificate import certificate_of
from ..models import Disposition, Document
from ..states import DISPOSITION

PDF = "application/pdf"
MEDIA_TYPES = {"pdf": PDF, "csv": "text/csv; charset=utf-8"}


class UnableToIssue(UnableTo):
    """There is nothing to print."""


@verb("release.certificate.issue", service=True)
def issue_certificate(*, disposition: Disposition, by: User) -> Document:
    """The certificate of an executed decision, from the content that was signed."""
    order, approval = disposition.lot.order, disposition.approval
    if approval is None:
        raise UnableToIssue("The decision was not signed by an approver.")
    number = f"COA-{order.lot_number}"
    executed = Event.objects.get(
        name="release.disposition.executed", subject_kind=DISPOSITION.kind, subject_id=disposition.pk
    )
    signed = json.loads(approval.content)["dossier"]
    content = certificate_of(
        dossier.read(dossier.Dossier, signed),
        decision=disposition.decision,
        signatures=[
            signature_line(signature, status(signature, of=disposition.lot))
            for signature in (disposition.review, approval)
        ],
        number=number,
        executed_at=executed.recorded_at,
        manufacturer=settings.TILMFG_MANUFACTURER,
    )
    return issue(
        order=order,
        kind=Document.Kind.CERTIFICATE_OF_ANALYSIS,
        number=number,
        filename=f"{number}.pdf",
        media_type=PDF,
        content=documents.certificate_of_analysis(content),
        by=by,
    )


@verb("release.report.issue", service=True)
def issue_report(*, disposition: Disposition, by: User) -> list[Document]:
    """The chain-of-identity report as it stands when the decision has been executed, on paper and as a table."""
    order = disposition.lot.order
    reports = {
        extension: identity.issue_chain_of_identity_report(order=order, by=by, format=extension)
        for extension in MEDIA_TYPES
    }
    return [
        issue(
            order=order,
            kind=Document.Kind.CHAIN_OF_IDENTITY_REPORT,
            number=f"COI-{order.lot_number}-{extension.upper()}",
            filename=report.name,
            media_type=MEDIA_TYPES[extension],
            content=report.content,
            by=by,
        )
        for extension, report in reports.items()
    ]


def issue(
    *, order: TherapyOrder, kind: str, number: str, filename: str, media_type: str, content: bytes, by: User
) -> Document:
    document = Document.objects.create(
        order=order,
        kind=kind,
        number=number,
        filename=filename,
        media_type=media_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_by=by,
    )
    publish(
        "release.document.issued",
        subject=document,
        kind="release.document",
        chain=order.chain,
        by=by,
        details={"number": number, "kind": document.get_kind_display()},
    )
    return document


@verb("release.document.read", roles=(*FACILITY_ROLES, Role.SITE))
def read_document(*, document: Document, by: User) -> bytes:
    """The bytes as they were issued; that they left the system stays on record."""
    publish(
        "release.document.read",
        subject=document,
        kind="release.document",
        chain=f"order:{document.order_id}",
        by=by,
        details={"number": document.number},
    )
    return bytes(document.content)
