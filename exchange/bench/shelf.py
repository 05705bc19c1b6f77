"""A network of `network.py` made as various as a real one, with the documents that search reads.

Nothing is left to chance: whatever is drawn comes from a row's number, so the same numbers give the same network.
Titles and summaries are six words out of 120, so that a word stands in a twentieth of all texts. Vectors stand around
40 centres, as texts about 40 things would; the passages of a text stand where the text does.
"""

import io
from itertools import cycle, islice
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from practices.search.embedding import DIMENSIONS, Vectors, unit

COUNTRIES = ("FI", "SE", "DE", "FR", "ES", "IT", "PT", "PL", "MK", "HR", "NL", "JP", "BR", "CO", "KE", "ZA", "IN", "US", "CA",
             "AU", "MX", "PH", "ID", "TR", "GR")  # fmt: skip
LANGUAGES = ("en", "fi", "de", "es", "fr", "mk", "pt", "it", "sv", "pl")
STATUSES, EVIDENCE = ("running", "planned", "completed", "scaled"), ("claimed", "documented", "verified", "taken_up")
WORDS = ("water", "heat", "storm", "rain", "garden", "roof", "school", "lake", "river", "district", "energy", "solar", "wind", "panel", "bus", "tram", "bicycle", "lane", "street", "light", "tree", "forest", "park", "meadow", "bee", "soil", "compost", "waste", "food", "market", "kitchen", "meal", "repair", "tool", "library", "budget", "vote", "citizen", "youth", "elder", "care", "clinic", "shade", "square", "asphalt", "pavement", "flood", "dike", "drought", "well", "pipe", "sewer", "pump", "boiler", "coal", "wood", "stove", "smoke", "dust", "noise", "plane", "port", "harbour", "coast", "dune", "mangrove", "wetland", "marsh", "canal", "bridge", "tunnel", "station", "ticket", "fare", "parking", "car", "truck", "cargo", "battery", "grid", "meter", "tariff", "loan", "grant", "fund", "tender", "contract", "permit", "code", "plan", "map", "data", "sensor", "alarm", "shelter", "hospital", "nursery", "tower", "facade", "window", "wall", "brick", "timber", "steel", "cement", "glass", "paper", "plastic", "textile", "bottle", "bank", "shop", "museum", "stadium", "theatre", "hotel", "farm", "orchard", "seed")  # fmt: skip
CENTRES, PASSAGES, CHUNK = 40, 6, 5_000
WORK_MEM = "512MB"


def vary() -> None:
    """Give what `make_network` has made different places, sizes, costs, languages, topics and words."""
    with connection.cursor() as cursor:
        pick = "(%s::text[])[1 + (n * {factor} / 7) %% %s]"
        cursor.execute(
            f"UPDATE directory_member SET country = {pick.format(factor=3)}, latitude = 60 - (n * 37 %% 1100) / 10.0,"
            " longitude = (n * 53 %% 3000) / 10.0 - 150 FROM (SELECT id AS pk, row_number() OVER (ORDER BY id) AS n"
            " FROM directory_member) AS numbered WHERE pk = id",
            drawn_from(COUNTRIES),
        )
        six = " || ' ' || ".join(f"(%s::text[])[1 + (n * {factor}) %% %s]" for factor in (1, 7, 11, 13, 17, 23))
        cursor.execute(
            "UPDATE library_publication AS one SET country = owner.country, latitude = owner.latitude,"
            f" longitude = owner.longitude, language = {pick.format(factor=5)}, status = {pick.format(factor=2)},"
            f" evidence = {pick.format(factor=4)}, uptake_count = CASE WHEN n %% 9 = 0 THEN n %% 40 ELSE 0 END,"
            " cost_amount = CASE WHEN n %% 3 > 0 THEN 10 ^ (3 + n %% 6) END, cost_currency = CASE WHEN n %% 3 > 0 THEN"
            " 'EUR' ELSE '' END, offers = CASE n %% 4 WHEN 0 THEN '{call}' WHEN 1 THEN '{visit,call}' ELSE '{}' END::varchar[],"
            f" start_year = 2005 + n %% 20, title = left(initcap({six}), 100), summary = {six} || '. ' || one.summary"
            " FROM (SELECT id AS pk, row_number() OVER (ORDER BY id) AS n FROM library_publication) AS numbered,"
            " directory_member AS owner WHERE pk = one.id AND owner.id = one.owner_member_id",
            [*drawn_from(LANGUAGES), *drawn_from(STATUSES), *drawn_from(EVIDENCE), *(drawn_from(WORDS) * 12)],
        )
        for column, most in (("topic", 2), ("goal", 3)):
            cursor.execute(
                f"INSERT INTO library_publication_{column}s (publication_id, {column}_id) SELECT one.id, term.id"
                f" FROM library_publication AS one JOIN vocabulary_{column} AS term"
                f" ON (one.id * 31 + term.id * 17) % 12 < {most} ON CONFLICT DO NOTHING"
            )
    make_documents()


def drawn_from(values: tuple[str, ...]) -> list[Any]:
    """Return what `pick` asks for: the values and how many there are."""
    return [list(values), len(values)]


def make_documents() -> None:
    """Make the document of every publication in the database, as `index_words` would, and vectors for each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [WORK_MEM])
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_document' AND indexname IN"
                       " ('search_document_words', 'search_document_title_words', 'search_document_meaning')")  # fmt: skip
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(
            "INSERT INTO search_document (publication_id, language, is_original, digest, meant_digest, meant_by, title_words, words)"
            " SELECT one.id, language, true, 'made', 'made', 'made', to_tsvector('simple', lower(title)),"
            " setweight(to_tsvector('simple', lower(title)), 'A') || setweight(to_tsvector('simple', lower(summary ||"
            " ' ' || owner.name || ' ' || owner.name_en)), 'B') || setweight(to_tsvector('simple', lower(challenge ||"
            " solution || results)), 'C') FROM library_publication AS one JOIN directory_member AS owner"
            " ON owner.id = owner_member_id WHERE state = 'published'"
        )
        cursor.execute("INSERT INTO search_word SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [list(WORDS)])
        _copy_vectors(cursor)
        cursor.execute(
            'INSERT INTO search_passage (document_id, position, field, start, "end", meaning)'
            " SELECT id, at, 'summary', 0, 200, meaning FROM search_document, generate_series(0, %s) AS at", [PASSAGES - 1]
        )  # fmt: skip
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute("ANALYZE")


def centres_of_meaning() -> Vectors:
    """Return the vectors around which the texts stand, shape (CENTRES, DIMENSIONS)."""
    return unit(np.random.default_rng(5).standard_normal((CENTRES, DIMENSIONS)).astype(np.float32))


def _copy_vectors(cursor: CursorWrapper) -> None:
    dice, centres = np.random.default_rng(6), centres_of_meaning()
    cursor.execute("SELECT id FROM search_document ORDER BY id")
    ids = [row[0] for row in cursor.fetchall()]
    cursor.execute("CREATE TEMPORARY TABLE placed (id bigint, meaning halfvec)")
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        around = np.array(list(islice(cycle(range(CENTRES)), len(some))))
        noise = dice.standard_normal((len(some), DIMENSIONS)).astype(np.float32) / DIMENSIONS**0.5
        text = io.StringIO()
        for pk, place in zip(some, unit(centres[around] + noise), strict=True):
            text.write(f"{pk}\t[{','.join(f'{value:.4f}' for value in place.tolist())}]\n")
        with cursor.copy("COPY placed FROM STDIN") as copy:
            copy.write(text.getvalue())
    cursor.execute(
        "UPDATE search_document SET meaning = placed.meaning FROM placed WHERE placed.id = search_document.id"
    )
