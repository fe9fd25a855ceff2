"""The chain-of-identity report leaves the house; that it did is on record."""

import hashlib
from dataclasses import dataclass

from django.utils import timezone

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.documents import chain_of_identity_csv, chain_of_identity_report
from tilmfg.records.errors import UnableTo, require
from tilmfg.records.events import publish

from ..models import TherapyOrder
from ..report_content import report_content
from ..states import ORDER

REPORTERS = (Role.IDENTITY_ADMINISTRATOR, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR)
FORMATS = ("pdf", "csv")


class UnableToReport(UnableTo):
    """No report was issued."""


@dataclass(frozen=True, kw_only=True)
class IssuedReport:
    name: str
    content: bytes
    digest: str


@verb("identity.report.issue", roles=REPORTERS, service=True)
def issue_chain_of_identity_report(*, order: TherapyOrder, by: User, format: str = "pdf") -> IssuedReport:
    require(
        format in FORMATS,
        UnableToReport(f"“{format}” is no format of the report; it can be {', '.join(FORMATS)}."),
    )
    content = report_content(order, generated_at=timezone.now())
    if format == "pdf":
        written = chain_of_identity_report(content)
    else:
        written = "".join(chain_of_identity_csv(content)).encode("utf-8-sig")
    report = IssuedReport(
        name=f"{content.heading.document_id}.{format}",
        content=written,
        digest=hashlib.sha256(written).hexdigest(),
    )
    publish(
        "identity.report.issued",
        subject=order,
        kind=ORDER.kind,
        by=by,
        details={"name": report.name, "digest": report.digest},
    )
    return report
