"""The limits under which the first tumors arrive; later ones are further rows."""

from datetime import date
from decimal import Decimal

from django.db import migrations


def set_first_limit(apps, schema_editor):
    apps.get_model("identity", "ArrivalLimit").objects.create(
        low_c=Decimal("2.0"),
        high_c=Decimal("8.0"),
        effective_date=date(2020, 1, 1),
        source="Refrigerated transport of tumor tissue, usual range of the field; to be confirmed by validation",
    )


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_labels_and_arrival")]

    operations = [migrations.RunPython(set_first_limit, migrations.RunPython.noop)]
