"""Triggers that note in which transaction a publication, or what its facets come from, changed last."""

from django.db import migrations

NOTE = "INSERT INTO search_change (publication, transaction) {rows} ON CONFLICT (publication) DO UPDATE SET transaction = excluded.transaction;"
FUNCTION = """
CREATE FUNCTION search_note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    {body}
    RETURN NULL;
END $$
"""
XID = "pg_current_xact_id()::text::bigint"
OF_TABLE = {  # which publications a row is about
    "library_publication": "id",
    "library_publication_pathways": "publication_id",
    "library_publication_topics": "publication_id",
    "library_publication_goals": "publication_id",
    "translations_translation": "publication_id",
}
MEMBER = "directory_member"


def statements():
    """Yield (sql, reverse_sql)."""
    for table, column in OF_TABLE.items():
        one = f"VALUES (coalesce(NEW.{column}, OLD.{column}), {XID})"
        yield FUNCTION.format(name=table, body=NOTE.format(rows=one)), f"DROP FUNCTION search_note_{table}"
        yield (
            f"CREATE TRIGGER search_note AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION search_note_{table}()",
            f"DROP TRIGGER search_note ON {table}",
        )
    theirs = f"SELECT id, {XID} FROM library_publication WHERE owner_member_id = NEW.id ORDER BY id"
    yield FUNCTION.format(name=MEMBER, body=NOTE.format(rows=theirs)), f"DROP FUNCTION search_note_{MEMBER}"
    yield (
        f"CREATE TRIGGER search_note AFTER UPDATE OF name, name_en, population ON {MEMBER} FOR EACH ROW"
        f" WHEN ((OLD.name, OLD.name_en, OLD.population) IS DISTINCT FROM (NEW.name, NEW.name_en, NEW.population))"
        f" EXECUTE FUNCTION search_note_{MEMBER}()",
        f"DROP TRIGGER search_note ON {MEMBER}",
    )
    every = f"VALUES (0, {XID})"
    yield FUNCTION.format(name="all", body=NOTE.format(rows=every)), "DROP FUNCTION search_note_all"
    yield (
        "CREATE TRIGGER search_note_all AFTER TRUNCATE ON library_publication EXECUTE FUNCTION search_note_all()",
        "DROP TRIGGER search_note_all ON library_publication",
    )
    # What is there already.
    yield f"INSERT INTO search_change SELECT id, {XID} FROM library_publication", "DELETE FROM search_change"


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial"), ("translations", "0002_sent_back"), ("directory", "0001_initial")]
    operations = [migrations.RunSQL(sql, reverse) for sql, reverse in statements()]
