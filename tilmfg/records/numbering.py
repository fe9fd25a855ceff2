"""Numbers that people read to each other: consecutive, without gaps, never given twice."""

from django.db import connection
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr


def next_serial(model, field, prefix):
    """The serial after the highest one in `field` behind `prefix` (`DEV-2026-` → 7 after DEV-2026-0006).

    Who asks holds the series until the end of the transaction, so that whoever comes next sees the number taken;
    a transaction that fails leaves no gap. The field's unique constraint stands behind it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{model._meta.label}.{field}:{prefix}"]
        )
    serial = Cast(Substr(field, len(prefix) + 1), IntegerField())
    highest = model.objects.filter(**{f"{field}__startswith": prefix}).aggregate(highest=Max(serial))[
        "highest"
    ]
    return (highest or 0) + 1
