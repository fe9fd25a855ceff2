from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0003_containers_of_a_step"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="late_entry_reason",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
