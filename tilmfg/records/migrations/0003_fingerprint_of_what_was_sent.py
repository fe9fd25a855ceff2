from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0002_laboratory")]

    operations = [
        migrations.AddField(
            model_name="firstanswer",
            name="fingerprint",
            field=models.CharField(max_length=64, default=""),  # kept answers of before fit nothing sent now
            preserve_default=False,
        ),
    ]
