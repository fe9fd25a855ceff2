"""Print the code that an invented person's authenticator shows, for script/code NAME."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tilmfg.accounts.models import Authenticator
from tilmfg.demonstration.people import CAST, next_code


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("name", choices=[username for username, *_ in CAST])

    def handle(self, *, name, **options):
        if not settings.DEMONSTRATION:
            raise CommandError("Codes are printed in the demonstration only.")
        try:
            self.stdout.write(next_code(name))
        except Authenticator.DoesNotExist:
            raise CommandError(f"{name} has no authenticator: the next sign-in sets one up.") from None
