"""The account that automation acts as, and the one right to delete that the application has: sessions."""

from django.db import migrations


def create_service_account(apps, schema_editor):
    apps.get_model("accounts", "User").objects.create(
        username="celery", printed_name="tilmfg automation", password="!", is_service=True
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunPython(create_service_account, migrations.RunPython.noop),
        migrations.RunSQL("GRANT DELETE ON django_session TO tilmfg_app", migrations.RunSQL.noop),
    ]
