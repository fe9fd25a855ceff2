"""The vault, sealed anew when its key was changed: nobody's identity is told to anybody."""

from tilmfg.accounts.models import User
from tilmfg.accounts.verbs import verb
from tilmfg.records.errors import UnableTo
from tilmfg.records.reasons import stated

from .. import vault
from ..models import PatientVault, TherapyOrder


class UnableToReseal(UnableTo):
    """The row stays under the older key."""


@verb("identity.vault.reseal", service=True)
def reseal(*, patient_id: int, reason: str, by: User) -> bool:
    """One patient's row and index under the newest key; whether they were not."""
    stated(reason, UnableToReseal, what="why the key was changed")
    row = PatientVault.objects.select_for_update().get(patient_id=patient_id)
    identity = vault.unseal(row.sealed)
    order = TherapyOrder.objects.filter(patient=patient_id).select_related("site").earliest("pk")
    index = vault.wristband_index(order.site.code, identity.hospital_number)
    if vault.is_sealed_by_the_newest(row.sealed) and index == row.wristband_index:
        return False
    row.sealed, row.wristband_index = vault.seal(identity), index
    row.save(update_fields=["sealed", "wristband_index"])
    return True
