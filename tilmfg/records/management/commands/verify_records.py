"""Proof on demand: what is stored is what was written."""

import json
import os
import time

from django.core.management.base import BaseCommand, CommandError

from tilmfg.records.verification.access import reader_parameters, trust
from tilmfg.records.verification.verify import verify


class Command(BaseCommand):
    help = (
        "Recomputes every chain, compares every row with its last event, checks signatures, anchors and the "
        "database's own declarations. Status 1 and the first broken place if anything is not as it was written."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print findings as JSON")
        parser.add_argument("--chain", help="recompute this chain only, e.g. order:17")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one per core)")

    def handle(self, *, chain, jobs, **options):
        if jobs < 1:
            raise CommandError(f"--jobs is {jobs}; it must be 1 or more.")
        self.shown_at = time.monotonic()
        started_at = self.shown_at
        try:
            found = verify(reader_parameters(), trust=trust(), chain=chain, jobs=jobs, progress=self.show)
        except LookupError as problem:
            raise CommandError(problem.args[0]) from None
        seconds = time.monotonic() - started_at
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict() | {"seconds": round(seconds, 3)}, indent=2))
        else:
            self.tell(found, seconds)
        if found.breaks:
            raise CommandError(f"BROKEN, first at {found.first}", returncode=1)

    def show(self, done, total):
        """To the terminal's error channel, where JSON readers do not look."""
        if time.monotonic() - self.shown_at >= 1:
            self.shown_at = time.monotonic()
            self.stderr.write(f"{done:,} of {total:,} events")

    def tell(self, found, seconds):
        for each in sorted(found.breaks, key=lambda each: each.position):
            self.stdout.write(str(each))
        if found.more_breaks:
            self.stdout.write(f"… and {found.more_breaks:,} more")
        for note in found.notes:
            self.stdout.write(f"note: {note}")
        examined = ", ".join(f"{count:,} {what}" for what, count in found.examined.items())
        self.stdout.write(f"{examined} in {seconds:.1f} s: {'BROKEN' if found.breaks else 'intact'}")
