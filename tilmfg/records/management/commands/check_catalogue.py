"""After a migration: is everything that guards the records as the repository declares it."""

from django.core.management.base import BaseCommand, CommandError

from tilmfg.records.verification.access import reader_parameters
from tilmfg.records.verification.catalogue import check_catalogue
from tilmfg.records.verification.from_models import guarded_tables
from tilmfg.records.verification.reading import open_reading


class Command(BaseCommand):
    help = (
        "Compares tables, triggers, functions, constraints, owners and rights in the database with what the "
        "repository declares. Status 1 if anything differs. To be run after each migration."
    )
    requires_system_checks = ()

    def handle(self, **options):
        tables = guarded_tables()
        with open_reading(reader_parameters()) as reading:
            found = check_catalogue(reading, tables)
        for each in found.breaks:
            self.stderr.write(str(each))
        if found.breaks:
            raise CommandError(
                f"The database differs from its declaration in {len(found.breaks)} places.", returncode=1
            )
        self.stdout.write(f"{len(tables)} tables are guarded as declared.")
