from django.db import migrations


class Migration(migrations.Migration):
    """The page of a member reads the last acts that concern it. Only this room asks the journal by member."""

    dependencies = [
        ('directory', '0003_facts_that_can_be'),
        ('journal', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(
            'CREATE INDEX directory_history ON journal_entry (member_id, id DESC) WHERE member_id IS NOT NULL',
            'DROP INDEX directory_history',
        ),
    ]
