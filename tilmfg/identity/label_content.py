"""What stands on the label of one container."""

from datetime import datetime

from django.conf import settings

from tilmfg.documents.contents import LabelContent
from tilmfg.records.days import facility_day

from .label_text import statements
from .models import Container

TEMPLATE = "container v1"
PROVISIONAL_FACILITY = "A9999"  # ICCBBA's own number for examples

PRODUCT = "Autologous tumor-infiltrating lymphocytes (TIL)"
CONTENTS: dict[str, str] = {
    Container.Kind.TUMOR_BOTTLE: "Tumor tissue",
    Container.Kind.FLASK: "TIL in culture",
    Container.Kind.BAG: "TIL, cryopreserved",
    Container.Kind.CRYOBAG: "Excess TIL, cryopreserved",
    Container.Kind.VIAL: "Sample for testing",
}
STORAGE: dict[str, str] = {
    Container.Kind.TUMOR_BOTTLE: "Keep at 2 to 8 °C. Do not freeze.",
    Container.Kind.FLASK: "37 °C, 5 % CO2",
    Container.Kind.BAG: "Vapor phase of liquid nitrogen, −150 °C or colder",
    Container.Kind.CRYOBAG: "Vapor phase of liquid nitrogen, −150 °C or colder",
    Container.Kind.VIAL: "As the sampling plan says",
}


def label_content(container: Container, *, copy: int, printed_at: datetime) -> LabelContent:
    order = container.order
    expiry = (("Expires", container.expiry_date),) if container.expiry_date else ()
    return LabelContent(
        payload=container.payload,
        coi_id=order.coi_id,
        check_character=order.check_character,
        provisional=is_provisional(order.coi_id),
        container_code=container.code,
        container_name=container.get_kind_display(),
        number=container.number,
        of=container.group_size,
        product=PRODUCT,
        contents=CONTENTS[container.kind],
        lot_number=order.lot_number,
        patient_pseudonym=order.patient.pseudonym,
        dates=(("Ordered", facility_day(order.placed_at)), *expiry),
        storage=STORAGE[container.kind],
        statements=statements(kind=container.kind, investigational=True, donor_evaluated=False),
        biohazard=False,
        manufacturer=settings.TILMFG_MANUFACTURER,
        label_id=f"{order.lot_number}-{container.code}-{copy}",
        template_version=TEMPLATE,
        printed_at=printed_at,
    )


def is_provisional(coi_id: str) -> bool:
    """Issued under a facility number that ICCBBA has given to nobody."""
    return coi_id[2:7] == PROVISIONAL_FACILITY
