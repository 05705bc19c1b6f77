"""Members, asks and offers, and publications as columns: what `scoring` compares, read in a few queries for all."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

import numpy as np
from django.db import connection

from config.kit.countries import REGIONS
from config.vocabulary.choices import CLIMATE_ZONES, Level
from config.vocabulary.models import Pathway, Topic
from exchange.peers.models import FORMAT_OF, Format
from practices.search.embedding import DIMENSIONS

Column = np.ndarray[Any, Any]
UNKNOWN = -1  # in columns of numbers that stand for a value
NEIGHBOURS = 5
NEVER = date.max.toordinal()
ALL = -1  # what a member is about: everything that it has published
ZONES = {code: number for number, (code, _label) in enumerate(CLIMATE_ZONES)}
GROUPS = np.array([ord(code[0]) for code, _label in CLIMATE_ZONES])  # the main group of each zone: A to E
LEVELS = {code: number for number, code in enumerate(Level.values)}
FORMATS = {code: number for number, code in enumerate(Format.values)}
REGION_OF = {country: number for number, countries in enumerate(REGIONS.values()) for country in countries}


class Numbers:
    """The values of a column, numbered in the order in which they turn up."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.of: dict[str, int] = {value: number for number, value in enumerate(known)}

    def __getitem__(self, value: str) -> int:
        return self.of.setdefault(value, len(self.of))

    @property
    def values(self) -> list[str]:
        return list(self.of)


@dataclass(eq=False)
class Sides:
    """Columns of what is compared, one row each; n rows.

    Attributes:
        pks: of the notices, publications or members themselves.
        members: the member behind each; 0 where an office is.
        meaning: where its words stand, of length 1, or all zero, shape (n, 384).
        topics, pathways: 1 where it has them, shape (n, 12) and (n, 5).
        size: log2 of the population; NaN where it is not known.
        zone, country, region, level: numbers; UNKNOWN where it is not known.
        point: on the unit sphere, shape (n, 3); NaN where it is not known.
        languages: 1 where it is one to work in, shape (n, 64).
        formats: 1 where it is one, shape (n, 7); all 0 where none is said.
        begins, ends: ordinals of days.
        uptake: how much others have taken up from it, 0 to 1.
        about: the publication that it is, or is about; 0 where it is about none; `ALL` of members.
        asked: the member that an ask is put to, because it is about what they have published; 0 where there is none.
        crowd: how alike the five most alike of the same kind are, as a cosine; only where `measure_crowd` was called.
        works: the meanings of what each member has published, shape (m, 384), and in `work_of` whose row each is,
            ascending; only of members.
    """

    pks: Column
    members: Column
    meaning: Column
    topics: Column
    pathways: Column
    size: Column
    zone: Column
    country: Column
    region: Column
    level: Column
    point: Column
    languages: Column
    formats: Column
    begins: Column
    ends: Column
    uptake: Column
    about: Column
    asked: Column
    crowd: Column | None = None
    works: Column | None = None
    work_of: Column | None = None

    def __len__(self) -> int:
        return len(self.pks)

    def take(self, rows: Any) -> Self:
        """Return the rows with these numbers, without their works."""
        columns = {one.name: getattr(self, one.name) for one in fields(self) if not one.name.startswith("work")}
        found: dict[str, Any] = {name: None if one is None else one[rows] for name, one in columns.items()}
        return type(self)(**found)

    def measure_crowd(self) -> None:
        """Fill in `crowd`."""
        self.crowd = np.zeros(len(self), np.float32)
        nearest = min(NEIGHBOURS, max(1, len(self) - 1))
        for at in range(0, len(self), 512):
            alike = self.meaning[at : at + 512] @ self.meaning.T
            rows = np.arange(len(alike))
            alike[rows, at + rows] = -1
            self.crowd[at : at + 512] = np.partition(alike, -nearest, axis=1)[:, -nearest:].mean(1)


class Reader:
    """Reads columns in one numbering, so that they compare. Each method is one or two queries."""

    MOST_LANGUAGES = 64

    def __init__(self) -> None:
        self.topics, self.pathways = Numbers(Topic.by_code()), Numbers(Pathway.by_code())
        self.countries, self.languages = Numbers(), Numbers()
        self.members = self._read_members()
        self.place_of = {int(pk): at for at, pk in enumerate(self.members.pks)}

    def _read_members(self) -> Sides:
        """Read the members of the network; what they are about comes with `read_publications`."""
        rows = _rows("""
            SELECT member.id, country, population, climate_zone, government_level, latitude, longitude, languages,
                array(SELECT code FROM directory_member_pathways AS pair JOIN vocabulary_pathway AS term
                    ON term.id = pair.pathway_id WHERE pair.member_id = member.id)
            FROM directory_member AS member WHERE is_active AND merged_into_id IS NULL ORDER BY member.id
        """)
        pks, country, people, zone, level, latitude, longitude, languages, pathways = _columns(rows, 9)
        count = len(rows)
        return Sides(
            pks=np.array(pks, np.int64),
            members=np.array(pks, np.int64),
            meaning=np.zeros((count, DIMENSIONS), np.float32),
            topics=self._marks([[]] * count, self.topics, 12),
            pathways=self._marks(pathways, self.pathways, 5),
            size=np.array([np.log2(one) if one else np.nan for one in people], np.float32),
            zone=_numbers(zone, ZONES.get),
            country=_numbers(country, self.countries.__getitem__),
            region=_numbers(country, REGION_OF.get),
            level=_numbers(level, LEVELS.get),
            point=_points(latitude, longitude),
            languages=self._marks(languages, self.languages, self.MOST_LANGUAGES),
            formats=np.zeros((count, len(FORMATS)), np.float32),
            begins=np.zeros(count, np.int32),
            ends=np.full(count, NEVER, np.int32),
            uptake=np.zeros(count, np.float32),
            about=np.full(count, ALL, np.int64),
            asked=np.zeros(count, np.int64),
        )

    def read_publications(self, condition: str = "true", parameters: Sequence[Any] = ()) -> Sides:
        """Read what is published and meets a condition of SQL on `one` and `document`.

        The owner's place counts as the publication's; what an office owns has none but its own country and climate.
        """
        rows = _rows(f"""
            SELECT one.id, coalesce(owner_member_id, 0), halfvec_send(meaning), one.language, offers, uptake_count,
                array(SELECT code FROM library_publication_topics AS pair JOIN vocabulary_topic AS term
                    ON term.id = pair.topic_id WHERE pair.publication_id = one.id),
                array(SELECT code FROM library_publication_pathways AS pair JOIN vocabulary_pathway AS term
                    ON term.id = pair.pathway_id WHERE pair.publication_id = one.id)
            FROM library_publication AS one
            LEFT JOIN search_document AS document ON document.publication_id = one.id AND is_original
            WHERE one.state = 'published' AND {condition} ORDER BY one.id
        """, parameters)  # noqa: S608 - conditions stand in this room's code  # fmt: skip
        pks, members, meanings, language, offers, uptake, topics, pathways = _columns(rows, 8)
        sides = self._at_members(np.array(members, np.int64), pks)
        sides.meaning = _meanings(meanings)
        sides.topics = self._marks(topics, self.topics, 12)
        sides.pathways = self._marks(pathways, self.pathways, 5)
        written = self._marks([[one] for one in language], self.languages, self.MOST_LANGUAGES)
        sides.languages = np.maximum(sides.languages, written)
        sides.about = np.array(pks, np.int64)
        sides.formats = self._marks([[FORMAT_OF[one] for one in each] for each in offers], FORMATS, len(FORMATS))
        sides.uptake = np.minimum(np.log2(1 + np.array(uptake, np.float32)) / 3, 1).astype(np.float32)
        return sides

    def read_notices(self, kind: str, condition: str = "true", parameters: Sequence[Any] = ()) -> Sides:
        """Read the open asks, or offers, of members who may write, that meet a condition of SQL on `one`.

        Until when one is open says nothing of when it could take place: who names no last day is free to choose.
        """
        rows = _rows(f"""
            SELECT one.id, one.member_id, halfvec_send(one.meaning), one.languages, one.formats, starts_on,
                ends_on, CASE WHEN owner_member_id = one.member_id THEN uptake_count ELSE 0 END,
                coalesce(one.publication_id, 0),
                CASE WHEN one.kind = 'ask' AND owner_member_id <> one.member_id THEN owner_member_id ELSE 0 END,
                array(SELECT code FROM peers_notice_topics AS pair JOIN vocabulary_topic AS term
                    ON term.id = pair.topic_id WHERE pair.notice_id = one.id),
                array(SELECT code FROM peers_notice_pathways AS pair JOIN vocabulary_pathway AS term
                    ON term.id = pair.pathway_id WHERE pair.notice_id = one.id)
            FROM peers_notice AS one JOIN directory_member AS member ON member.id = one.member_id
            LEFT JOIN library_publication AS publication ON publication.id = one.publication_id
            WHERE one.state = 'open' AND member.is_active AND member.standing <> 'read_only' AND one.kind = %s
                AND {condition} ORDER BY one.id
        """, [kind, *parameters])  # noqa: S608 - see above  # fmt: skip
        pks, members, meanings, languages, formats, begins, ends, uptake, about, asked, topics, pathways = _columns(
            rows, 12
        )
        sides = self._at_members(np.array(members, np.int64), pks)
        sides.about, sides.asked = np.array(about, np.int64), np.array(asked, np.int64)
        sides.meaning = _meanings(meanings)
        sides.topics = self._marks(topics, self.topics, 12)
        sides.pathways = self._marks(pathways, self.pathways, 5)
        sides.languages = self._marks(languages, self.languages, self.MOST_LANGUAGES)
        sides.formats = self._marks(formats, FORMATS, len(FORMATS))
        sides.begins = np.array([one.toordinal() if one else 0 for one in begins], np.int32)
        sides.ends = np.array([one.toordinal() if one else NEVER for one in ends], np.int32)
        sides.uptake = np.minimum(np.log2(1 + np.array(uptake, np.float32)) / 3, 1).astype(np.float32)
        return sides

    def tell_works(self, publications: Sides, notices: Iterable[Sides]) -> None:
        """Say of the members what their publications and open notices are about."""
        members = self.members
        order = np.argsort([self.place_of.get(int(pk), UNKNOWN) for pk in publications.members], kind="stable")
        place = np.array([self.place_of.get(int(pk), UNKNOWN) for pk in publications.members[order]], np.int64)
        order, place = order[place >= 0], place[place >= 0]
        members.works, members.work_of = publications.meaning[order], place
        for column in ("topics", "pathways"):
            np.maximum.at(getattr(members, column), place, getattr(publications, column)[order])
        np.maximum.at(members.uptake, place, publications.uptake[order])
        np.maximum.at(members.languages, place, publications.languages[order])
        np.add.at(members.meaning, place, publications.meaning[order])
        for sides in notices:
            at = np.array([self.place_of[int(pk)] for pk in sides.members], np.int64)
            for column in ("topics", "pathways", "languages"):
                np.maximum.at(getattr(members, column), at, getattr(sides, column))
            np.add.at(members.meaning, at, sides.meaning)
        members.meaning = _unit(members.meaning)

    def _at_members(self, members: Column, pks: Sequence[int]) -> Sides:
        """Return rows with the columns of the place where each is."""
        known = np.array([self.place_of.get(int(pk), UNKNOWN) for pk in members], np.int64)
        sides = self.members.take(np.maximum(known, 0)) if len(self.members) else self.members.take([])
        away = known < 0
        sides.pks, sides.members = np.array(pks, np.int64), members
        sides.size[away], sides.point[away] = np.nan, np.nan
        sides.zone[away] = sides.country[away] = sides.region[away] = sides.level[away] = UNKNOWN
        sides.languages[away] = 0
        return sides

    @staticmethod
    def _marks(values: Sequence[Sequence[str]], numbers: Any, width: int) -> Column:
        marks = np.zeros((len(values), width), np.float32)
        for row, each in enumerate(values):
            for value in each:
                if (at := numbers[value]) < width:
                    marks[row, at] = 1
        return marks


def _rows(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _columns(rows: list[tuple[Any, ...]], number: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * number


def _numbers(values: Iterable[str], number: Callable[[str], int | None]) -> Column:
    found = (number(value) if value else None for value in values)
    return np.array([UNKNOWN if one is None else one for one in found], np.int32)


def _points(latitudes: Sequence[float | None], longitudes: Sequence[float | None]) -> Column:
    """Return points of degrees (WGS 84) on the unit sphere."""
    pairs = [(np.nan if a is None or b is None else (a, b)) for a, b in zip(latitudes, longitudes, strict=True)]
    degrees = np.array([(np.nan, np.nan) if isinstance(one, float) else one for one in pairs], float).reshape(-1, 2)
    a, b = np.radians(degrees).T
    return np.stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], axis=1).astype(np.float32)


def _meanings(sent: Sequence[bytes | None]) -> Column:
    """Read halfvec values as PostgreSQL sends them: two numbers of two bytes, then half-precision numbers, big-endian."""
    found = np.zeros((len(sent), DIMENSIONS), np.float32)
    for row, one in enumerate(sent):
        if one is not None:
            found[row] = np.frombuffer(one, ">f2", offset=4)
    return found


def _unit(vectors: Column) -> Column:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(length == 0, 1, length)).astype(np.float32)
