"""Writes the validation pack as PDF/A and JSON, from the results of the tests."""

import json
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tilmfg.documents import reports
from tilmfg.documents.text import plain
from tilmfg.records.exports import tell_written
from tilmfg.validation import requirements, results
from tilmfg.validation.pack import make_pack


class Command(BaseCommand):
    help = "Requirements, tests, results, versions and digests: refused while anything failed or was not run."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--results", type=Path, required=True, help="what pytest --junitxml wrote")
        parser.add_argument("--out", type=Path, required=True, help="the folder to write to")
        parser.add_argument(
            "--incomplete",
            action="store_true",
            help="write it nonetheless, saying on its first page what is missing",
        )

    def handle(self, *, results: Path, out: Path, incomplete: bool, **options):
        listed = settings.BASE_DIR / "docs/requirements.md"
        pack = make_pack(
            requirements=requirements.read(listed),
            results=_read(results),
            sources=[listed, results, settings.BASE_DIR / "constraints.txt"],
            generated_at=timezone.now().replace(microsecond=0),
        )
        if pack.problems and not incomplete:
            raise CommandError("Nothing was written. " + " ".join(pack.problems))
        name = pack.heading.document_id
        files = {
            f"{name}.pdf": reports.validation_pack(pack),
            f"{name}.json": json.dumps(plain(asdict(pack)), indent=1, ensure_ascii=False).encode(),
        }
        tell_written(files, kind="validation pack", asked={"incomplete": incomplete})
        out.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (out / file).write_bytes(content)
            self.stdout.write(str(out / file))


def _read(path: Path) -> results.Results:
    try:
        return results.read(path)
    except results.UnableToReadResults as error:
        raise CommandError(str(error)) from error
