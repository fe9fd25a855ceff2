"""The report of a run leaves the house as PDF/A; that it did is on record."""

import hashlib
from dataclasses import dataclass

from django.utils import timezone

from assays.models import Run
from assays.report import report_content
from assays.states import RUN
from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.verbs import verb
from tilmfg.documents import record
from tilmfg.records.events import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    name: str
    content: bytes


@verb(
    "assays.run.report",
    roles=(Role.ANALYST, Role.QA_REVIEWER, Role.QA_APPROVER, Role.AUDITOR),
)
def issue_run_report(*, run: Run, by: User) -> RunReport:
    """As the run stands now. `run` comes with everything (selectors.run_with_everything)."""
    written = record(report_content(run, generated_at=timezone.now()))
    report = RunReport(name=f"run-{run.pk}.pdf", content=written)
    details = {"name": report.name, "digest": hashlib.sha256(written).hexdigest()}
    publish("assays.run.reported", subject=run, kind=RUN.kind, by=by, details=details)
    return report
