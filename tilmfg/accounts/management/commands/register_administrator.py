"""Register the first system administrator, or another where none can get in, and print their invitation."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tilmfg.accounts.models import User
from tilmfg.accounts.roles import Role
from tilmfg.accounts.services import invite_user, register_user, service_account
from tilmfg.records.errors import UnableTo


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("printed_name")
        parser.add_argument("--reason", required=True, help="why this is done from the command line")

    def handle(self, *, username, printed_name, reason, **options):
        by = service_account()
        try:
            with transaction.atomic():
                user = User.objects.filter(username=username, role_grants__role=Role.SYSTEM_ADMINISTRATOR,
                                           role_grants__revoked_at=None).first()  # fmt: skip
                user = user or register_user(
                    username=username, printed_name=printed_name, roles=(Role.SYSTEM_ADMINISTRATOR,), by=by
                )
                words = invite_user(user=user, reason=reason, credential=None, by=by)
        except UnableTo as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"{user.printed_name} chooses a password at /accounts/invited, once, within three days:"
        )
        self.stdout.write(words)
