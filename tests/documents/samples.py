"""One plausible content per document; tests change what they are about with `dataclasses.replace`."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pypdf

from tilmfg.documents.contents import (
    CertificateOfAnalysis,
    ChainOfIdentityReport,
    ContainerLine,
    CriterionLine,
    CustodyLine,
    DeviationLine,
    EventLine,
    Heading,
    Identifier,
    LabelContent,
    LabelLine,
    PendingTest,
    Record,
    ScanLine,
    Section,
    SignatureLine,
    Table,
    Tone,
    Transfer,
    Verdict,
)

DAY_0 = datetime(2026, 10, 1, tzinfo=UTC)
DIGEST = "9f2c" * 16


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return DAY_0 + timedelta(days=day, hours=hour, minutes=minute)


def pdf_text(document: bytes) -> str:
    """What a reader can extract, without the line breaks of the layout."""
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return squeezed("".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return "".join(text.split())


HEADING = Heading(
    document_id="COA-2026-0042-01",
    lot_number="TIL-2026-0042",
    coi_id="CHA999926000042",
    check_character="I",
    generated_at=at(40, 14, 5),
)

SIGNATURES = (
    SignatureLine(
        printed_name="Quinn Łukasiewicz",
        meaning="Reviewed",
        signed_at=at(38, 9, 12),
        reason="7 of 7 exceptions resolved.",
        digest=DIGEST,
    ),
    SignatureLine(
        printed_name="Rosa Müller-Dupré",
        meaning="Approved the disposition",
        signed_at=at(38, 11, 47),
        reason="All criteria pass.",
        digest=DIGEST,
    ),
)


def criterion(**changes) -> CriterionLine:
    usual = {
        "attribute": "Viability",
        "method": "AO/PI (TM-011 v5)",
        "stage": "post-thaw",
        "limit": "≥ 70 %",
        "result": "86",
        "unit": "%",
        "verdict": Verdict.PASS,
    }
    return CriterionLine(**(usual | changes))


CERTIFICATE = CertificateOfAnalysis(
    heading=HEADING,
    manufacturer="Demonstration facility, 7 Cleanroom Road, Philadelphia",
    product="Autologous tumor-infiltrating lymphocytes, cryopreserved suspension",
    indication="Unresectable or metastatic melanoma",
    process="Gen 2, 22 days, version 3",
    specification="SPEC-TIL-MEL-US version 4",
    patient_pseudonym="MEL-0042",
    dates=(
        ("Tumor procured", date(2026, 10, 1)),
        ("Manufacture started", at(1, 9)),
        ("Expires", date(2027, 10, 24)),
        ("Released", None),
    ),
    containers=("BG1 — 110 mL, 1.05 × 10¹⁰ viable cells",),
    criteria=(
        criterion(
            attribute="Total viable cells",
            limit="1.0 × 10⁹ to 150 × 10⁹ cells",
            result="21.1 × 10⁹",
            unit="cells",
            stage="pre-freeze",
        ),
        criterion(),
        criterion(
            attribute="Potency: IFN-γ release",
            method="ELISA, 4PL (TM-031 v7)",
            limit="≥ 500 pg/mL",
            result="1840",
            unit="pg/mL",
            remark="net, stimulated − unstimulated",
        ),
        criterion(attribute="Cytotoxicity", limit="≥ 20 %", result="12", verdict=Verdict.FAIL),
        criterion(attribute="CD8 share", limit="report", result=None, verdict=Verdict.MISSING),
        criterion(
            attribute="Sterility, day 14", limit="no growth", result=None, unit="", verdict=Verdict.PENDING
        ),
    ),
    pending_tests=(PendingTest(name="Sterility, day 14", method="TM-043 v2", due_at=at(37, 12)),),
    deviations=(
        DeviationLine(
            number="DEV-2026-0112",
            title="Incubator door alarm, 4 min at 36.1 °C",
            classification="minor",
            status="closed",
        ),
    ),
    disposition="Conditionally released",
    disposition_tone=Tone.WARNING,
    disposition_statement="The lot meets its specification except for the tests named as pending.",
    covers="This certificate covers lot TIL-2026-0042 for patient MEL-0042 only.",
    signatures=SIGNATURES,
)


def container(code: str, name: str, volume: str | None = None, cells: str | None = None) -> ContainerLine:
    return ContainerLine(
        code=code,
        name=name,
        volume_ml=Decimal(volume) if volume else None,
        viable_cells=Decimal(cells) if cells else None,
        state="consumed",
    )


def transfer(parent: str, child: str, volume: str | None = None) -> Transfer:
    return Transfer(
        parent_code=parent,
        child_code=child,
        volume_ml=Decimal(volume) if volume else None,
        viable_cells=None,
    )


def event(**changes) -> EventLine:
    usual = {
        "occurred_at": at(0, 9, 7),
        "actor": "Olga Petrova",
        "event": "Container received",
        "subject": "TB1",
        "place": "Receiving",
        "outcome": "accepted at 4.1 °C",
    }
    return EventLine(**(usual | changes))


def label_line(code: str, **changes) -> LabelLine:
    usual = {
        "container_code": code,
        "template_version": "container v2",
        "copy": 1,
        "printed_at": at(0, 8),
        "printed_by": "Adam Weiß",
        "applied_at": at(0, 9),
        "applied_by": "Olga Petrova",
        "verified_by": "Tomas Nowak",
        "destroyed_at": None,
        "destroyed_by": "",
    }
    return LabelLine(**(usual | changes))


MATCH = ScanLine(
    scanned_at=at(11, 9),
    actor="Olga Petrova",
    place="Cleanroom 2",
    purpose="Open flask",
    expected="&/CHA999926000042.FL1",
    read="&/CHA999926000042.FL1",
    matches=True,
)
MISMATCH = ScanLine(
    scanned_at=at(11, 10),
    actor="Tomas Nowak",
    place="Cleanroom 2",
    purpose="Open flask",
    expected="&/CHA999926000042.FL2",
    read="&/CHA999926000017.FL1",
    matches=False,
    resolution="DEV-2026-0113, flask returned unopened",
)

CHAIN_OF_IDENTITY = ChainOfIdentityReport(
    heading=HEADING,
    product="Autologous tumor-infiltrating lymphocytes",
    site="Site 07, Greifswald",
    state="Released",
    identifiers=(
        Identifier(
            kind="Chain-of-identity id",
            value="CHA999926000042",
            assigned_by="Adam Weiß",
            assigned_at=at(0, 7),
        ),
        Identifier(kind="Donation number", value="=A99991712345600", assigned_by="Site 07", assigned_at=None),
    ),
    events=(event(), event(event="Step recorded", outcome="late entry", recorded_at=at(1, 9))),
    containers=(
        container("TB1", "Tumor bottle", "150"),
        container("FL1", "Flask", "1000"),
        container("FL2", "Flask", "1000"),
        container("PL1", "Pooled harvest", "980.5", "21100000000"),
        container("BG1", "Product bag", "110", "10500000000"),
    ),
    transfers=(
        transfer("TB1", "FL1"),
        transfer("TB1", "FL2"),
        transfer("FL1", "PL1", "490.5"),
        transfer("FL2", "PL1", "490"),
        transfer("PL1", "BG1", "110"),
    ),
    scans=(MATCH, MISMATCH),
    labels=(
        label_line("TB1"),
        label_line("FL1", applied_at=None, destroyed_at=at(1, 9), destroyed_by="Olga Petrova"),
        label_line("BG1", applied_at=None),
    ),
    custody=(
        CustodyLine(
            handed_over_at=at(40, 11),
            given_by="Storage",
            taken_by="Courier 12",
            place="Dock",
            subject="Shipper S-11",
            condition="upright, seal 9 intact",
            temperature_c=Decimal("-186.2"),
        ),
    ),
    signatures=SIGNATURES[:1],
)


def record(*rows: tuple[str, ...], **changes) -> Record:
    table = Table(columns=tuple(f"Column {n}" for n in range(1, len(rows[0]) + 1)), rows=rows)
    usual = {
        "heading": HEADING,
        "title": "Deviation summary",
        "subtitle": "",
        "sections": (Section(title="List", tables=(table,)),),
    }
    return Record(**(usual | changes))


LABEL = LabelContent(
    payload="&/CHA999926000042.BG2",
    coi_id="CHA999926000042",
    check_character="I",
    provisional=True,
    container_code="BG2",
    container_name="Product bag",
    number=2,
    of=4,
    product="Autologous tumor-infiltrating lymphocytes, suspension for intravenous infusion",
    contents="110 mL",
    lot_number="TIL-2026-0042",
    patient_pseudonym="MEL-0042",
    dates=(("Manufactured", date(2026, 10, 23)), ("Expires", date(2027, 10, 24))),
    storage="Store at ≤ −150 °C in vapor phase of liquid nitrogen",
    statements=(
        "FOR AUTOLOGOUS USE ONLY",
        "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
        "Caution: New Drug—Limited by Federal law to investigational use.",
        "For intravenous infusion only",
        "Do not irradiate. Do not use a leukodepleting filter.",
    ),
    biohazard=False,
    manufacturer="Demonstration facility, 7 Cleanroom Road, Philadelphia",
    label_id="LBL-000123",
    template_version="bag v2",
    printed_at=at(23, 18),
)
