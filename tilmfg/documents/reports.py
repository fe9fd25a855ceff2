"""Contents to PDF/A: one function per kind of document."""

from dataclasses import dataclass

from tilmfg.documents import render
from tilmfg.documents.contents import (
    CertificateOfAnalysis,
    ChainOfIdentityReport,
    LabelLine,
    Record,
    ValidationPack,
)
from tilmfg.documents.genealogy import branches


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Every printed label is on a container or destroyed; what is neither is unaccounted for."""

    printed: int
    applied: int
    destroyed: int
    unaccounted: int


def certificate_of_analysis(content: CertificateOfAnalysis) -> bytes:
    return render.pdf("certificate_of_analysis", content, generated_at=content.heading.generated_at)


def chain_of_identity_report(content: ChainOfIdentityReport) -> bytes:
    return render.pdf(
        "chain_of_identity_report",
        content,
        generated_at=content.heading.generated_at,
        genealogy=branches(content.containers, content.transfers),
        reconciliation=reconcile(content.labels),
    )


def validation_pack(content: ValidationPack) -> bytes:
    return render.pdf("validation_pack", content, generated_at=content.heading.generated_at)


def record(content: Record) -> bytes:
    return render.pdf("record", content, generated_at=content.heading.generated_at)


def reconcile(labels: tuple[LabelLine, ...]) -> Reconciliation:
    return Reconciliation(
        printed=len(labels),
        applied=sum(label.applied_at is not None for label in labels),
        destroyed=sum(label.destroyed_at is not None for label in labels),
        unaccounted=sum(label.applied_at is None and label.destroyed_at is None for label in labels),
    )
