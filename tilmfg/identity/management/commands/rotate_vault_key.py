"""Seals everything anew under the newest key of TILMFG_VAULT_KEY, so that the older ones can be taken away."""

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from tilmfg.accounts.services import service_account
from tilmfg.accounts.services.rotation import reseal_authenticators
from tilmfg.identity.models import PatientVault
from tilmfg.identity.services.rotation import reseal
from tilmfg.records.errors import UnableTo


class Command(BaseCommand):
    help = (
        "Add the new key before the older ones, restart, run this, take the older keys away 12 hours later "
        "(no session is older), restart. Interrupted, it goes on where it stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--reason", required=True, help="why the key was changed; it stands on the audit trail"
        )

    def handle(self, *, reason, **options):
        by = service_account()
        try:
            patients = list(PatientVault.objects.order_by("pk").values_list("patient_id", flat=True))
            anew = sum(reseal(patient_id=patient_id, reason=reason, by=by) for patient_id in patients)
            authenticators = reseal_authenticators(reason=reason, by=by)
        except UnableTo as refusal:
            raise CommandError(str(refusal)) from refusal
        except InvalidToken as problem:
            raise CommandError("A row is sealed under none of the keys in TILMFG_VAULT_KEY.") from problem
        self.stdout.write(
            f"{anew} of {len(patients)} patients and {authenticators} authenticators sealed anew."
        )
