"""Set up the demonstration facility in an empty database, or print its accounts."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tilmfg.accounts.models import User
from tilmfg.demonstration import lots, people, places


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--accounts", action="store_true", help="only print the accounts")

    def handle(self, *, accounts, **options):
        if accounts:
            self.stdout.write(people.in_words())
            return
        if User.objects.filter(is_service=False).exists():
            raise CommandError(
                "There are people in this database already; the demonstration needs an empty one."
            )
        with transaction.atomic():  # all of it or nothing, so that an interrupted start begins anew
            cast = people.register_cast()
            sites = places.furnish(cast)
            for sentence in lots.make_all(cast, sites):
                self.stdout.write(f"  {sentence}")
                self.stdout.flush()
