from django.db import migrations, models

WAYS = [("at_once", "At once, by e-mail"), ("digest", "In my digest"), ("never", "Not at all")]


def follow_groups(apps, _schema):
    """Whoever wants to hear nothing of groups goes on to hear nothing of who joins them."""
    delivery = apps.get_model("conversations", "Delivery")
    delivery.objects.filter(groups="never").update(joins="never")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0003_what_is_hidden")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="groups",
            field=models.CharField(
                choices=WAYS, default="digest", max_length=7, verbose_name="discussions and meetings in your groups"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="joins",
            field=models.CharField(
                choices=WAYS, default="at_once", max_length=7,
                verbose_name="invitations to groups, and who wants to join yours",
            ),
        ),
        migrations.RunPython(follow_groups, migrations.RunPython.noop),
    ]  # fmt: skip
