import django.contrib.postgres.fields
from django.db import migrations, models

import exchange.digests.models


class Migration(migrations.Migration):
    dependencies = [
        ("digests", "0002_mutes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="subscription",
            name="sections",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("waiting", "What waits for you"),
                        ("new", "New practices and projects"),
                        ("uptake", "Uptake of your practices"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=exchange.digests.models.all_sections,
                size=None,
                verbose_name="sections",
            ),
        ),
        # Everybody who has wanted anything so far gets the new section, as a new reader does.
        migrations.RunSQL(
            "UPDATE digests_subscription SET sections = array_append(sections, 'uptake')"
            " WHERE cardinality(sections) > 0 AND NOT 'uptake' = ANY (sections)",
            "UPDATE digests_subscription SET sections = array_remove(sections, 'uptake')",
        ),
    ]
