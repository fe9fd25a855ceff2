"""One chain as text that anybody can check without this program."""

import itertools
import json

from django.core.management.base import BaseCommand, CommandError

from tilmfg.records.exports import written_lines
from tilmfg.records.verification.access import reader_parameters
from tilmfg.records.verification.reading import open_reading, stream

FORMAT = "tilmfg-chain/1"
HEAD = "SELECT count(*), max(seq), now() FROM audit.event WHERE chain = %s"
EVENTS = "SELECT content, encode(hash, 'hex') FROM audit.event WHERE chain = %s ORDER BY seq"


class Command(BaseCommand):
    help = (
        "Writes a chain of the audit trail as JSON Lines: a line about the chain, then one per event with the text "
        "that was hashed and its hash. docs/records/verify_export.py checks it with Python's standard library alone."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("chain", help="e.g. order:17 or facility:accounts")

    def handle(self, *, chain, **options):
        with open_reading(reader_parameters()) as reading:
            events, last, now = reading.execute(HEAD, (chain,)).fetchone()
            if not events:
                raise CommandError(f"There is no chain {chain!r}.")
            head = line(format=FORMAT, chain=chain, events=last, exported_at=f"{now:%Y-%m-%dT%H:%M:%SZ}")
            lines = itertools.chain([head], lines_of(reading, chain))
            asked = {"chain": chain}
            for written in written_lines(lines, name="export_chain", kind="chain", asked=asked, headers=1):
                self.stdout.write(written, ending="")


def lines_of(reading, chain):
    for page in stream(reading, EVENTS, (chain,)):
        for content, digest in page:
            yield line(content=content, hash=digest)


def line(**fields):
    return json.dumps(fields, ensure_ascii=False) + "\n"
