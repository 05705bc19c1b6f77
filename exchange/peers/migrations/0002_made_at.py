import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def take_over(apps, _schema_editor):
    apps.get_model("peers", "Notice").objects.update(made_at=F("opened_at"))


class Migration(migrations.Migration):
    dependencies = [("peers", "0001_initial")]

    operations = [
        migrations.AddField("notice", "made_at", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
    ]
