import django.contrib.postgres.fields
from django.db import migrations, models

import exchange.digests.models


class Migration(migrations.Migration):
    dependencies = [
        ("digests", "0004_alerts"),
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
                        ("peers", "Asks you could answer, and offers that fit yours"),
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
            "UPDATE digests_subscription SET sections = array_append(sections, 'peers')"
            " WHERE cardinality(sections) > 0 AND NOT 'peers' = ANY (sections)",
            "UPDATE digests_subscription SET sections = array_remove(sections, 'peers')",
        ),
    ]
