"""What came by an import and was approved by nobody is not reviewed, though the column said so by default."""

from django.db import migrations
from django.db.models import Exists, OuterRef


def mark_not_reviewed(apps, _schema_editor):
    decisions = apps.get_model("editorial", "Decision").objects.filter(verdict="approved")
    approved = Exists(decisions.filter(revision__publication=OuterRef("pk")))
    rows = apps.get_model("library", "Publication").objects.filter(review_level="coordinator")
    rows.filter(~approved).update(review_level="none")


def mark_reviewed(apps, _schema_editor):
    apps.get_model("library", "Publication").objects.filter(review_level="none").update(review_level="coordinator")


class Migration(migrations.Migration):
    dependencies = [
        ("editorial", "0005_withdrawn_invitations"),
        ("library", "0004_not_reviewed"),
    ]

    operations = [
        migrations.RunPython(mark_not_reviewed, mark_reviewed),
    ]
