"""Roles, database, rights and audit schema on a real server, as its administrator."""

import os

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from tilmfg import environment
from tilmfg.records import preparation, server_log

NEEDED = {"DATABASE_OWNER_URL": "tilmfg_owner", "DATABASE_URL": "tilmfg_app"}
OPTIONAL = {"DATABASE_VERIFY_URL": "tilmfg_verify", "DATABASE_BACKUP_URL": "tilmfg_backup"}


class Command(BaseCommand):
    help = (
        "Makes roles, database, rights and audit schema as the administrator of DATABASE_ADMIN_URL, with the "
        f"names and passwords in {' and '.join(NEEDED)} (and {' and '.join(OPTIONAL)}, where set). "
        "Repeatable; to be run before migrate."
    )
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        try:
            administrator = environment.text("DATABASE_ADMIN_URL")
            name, passwords = _wanted()
        except ImproperlyConfigured as problem:
            raise CommandError(str(problem)) from None
        with psycopg.connect(administrator, autocommit=True) as admin:
            preparation.prepare_cluster(admin, passwords=passwords)
            preparation.create_database(admin, name=name)
        with psycopg.connect(administrator, dbname=name, autocommit=True) as admin:
            preparation.prepare_database(admin)
            too_much = server_log.telling_too_much(admin)
        if too_much:
            self.stderr.write(f"The server's log would hold rows of patients; set {', '.join(too_much)}.")
        self.stdout.write(f"The database {name} is prepared for {', '.join(passwords)}.")


def _wanted() -> tuple[str, dict[str, str]]:
    """The one database that all addresses name, and the password of each role."""
    optional = {variable: role for variable, role in OPTIONAL.items() if os.environ.get(variable)}
    addresses = {
        variable: environment.postgresql(variable, user=role)
        for variable, role in (NEEDED | optional).items()
    }
    names = {str(address["NAME"]) for address in addresses.values()}
    if len(names) > 1:
        raise ImproperlyConfigured(f"{' and '.join(addresses)} name different databases: {sorted(names)}.")
    for variable, address in addresses.items():
        if not address["PASSWORD"]:
            raise ImproperlyConfigured(f"{variable} holds no password.")
    return names.pop(), {str(each["USER"]): str(each["PASSWORD"]) for each in addresses.values()}
