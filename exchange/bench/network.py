"""A network of any size with nothing true in it: 2,600 members of 40 offices, and their publications."""

import random
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from config.journal.models import Entry
from config.vocabulary.models import Pathway, Topic
from exchange.digests.models import Subscription
from members.accounts.models import User
from members.directory.models import Member, MemberRole, Office, OfficeRole
from practices.editorial.models import Revision
from practices.library.models import Publication

MEMBERS, OFFICES = 2_600, 40
WAITING = 500  # revisions that wait for a decision, a dozen an office, in a network of any size
SUMMARY = (
    "Waste water keeps ten degrees all winter. A heat pump in the main sewer takes three of them and warms the old town,"
    " the library and both schools; it has paid for itself in eight years, and nobody has to shovel coal any more."
)
TEXT = "The city looked at what others had done, tried it in one district and then everywhere. " * 12


def make_network(publications: int, members: int = MEMBERS) -> None:
    """Fill the database; the same numbers give the same network."""
    dice = random.Random(1)  # noqa: S311 - no secret
    offices = Office.objects.bulk_create(
        Office(kind=Office.Kind.REGIONAL, name=f"Office {n}", slug=f"office-{n}", city="City", country="FI")
        for n in range(OFFICES)
    )
    people = User.objects.bulk_create(
        User(email=f"coordinator{n}@network.example", name=f"Coordinator {n}", is_active=True) for n in range(OFFICES)
    )
    OfficeRole.objects.bulk_create(
        OfficeRole(user=person, office=office, role="coordinator")
        for person, office in zip(people, offices, strict=True)
    )
    made = Member.objects.bulk_create(
        Member(kind="city", name=f"Kaupunki {n}", name_en=f"City {n}", slug=f"city-{n}", country="FI",
               population=dice.randrange(2_000, 3_000_000), office=offices[n % OFFICES])
        for n in range(members)
    )  # fmt: skip
    authors = User.objects.bulk_create(
        User(email=f"author{n}@city.example", name=f"Author {n}", is_active=True) for n in range(members)
    )
    MemberRole.objects.bulk_create(
        MemberRole(user=person, member=member, role="contributor") for person, member in zip(authors, made, strict=True)
    )
    _make_publications(publications, made, authors, dice)


def _make_publications(number: int, members: list[Member], authors: list[User], dice: random.Random) -> None:
    now = timezone.now()
    made = Publication.objects.bulk_create(
        (
            Publication(
                kind="practice", state="published", version=1, owner_member=members[n % len(members)], language="en",
                title=f"Practice {n}: warmth from waste water for the old town", summary=SUMMARY, challenge=TEXT, solution=TEXT, results=TEXT,
                status="running", start_year=2020, country="FI", contact_email="role@city.example",
                published_at=now - timedelta(minutes=n), updated_at=now, confirmed_at=now,
            )
            for n in range(number)
        ),
        batch_size=2_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_practice (publication_ptr_id, offer) SELECT id, '' FROM library_publication"
        )
    for field, terms in (("pathways", list(Pathway.objects.all())), ("topics", list(Topic.objects.all()))):
        through = getattr(Publication, field).through
        column = {"pathways": "pathway", "topics": "topic"}[field]
        through.objects.bulk_create(
            (through(publication=one, **{column: dice.choice(terms)}) for one in made), batch_size=5_000
        )
    content: dict[str, object] = {
        "title": "Practice", "summary": "What a city did.", "language": "en", "status": "running", "start_year": "2020",
        "country": "FI", "challenge": TEXT, "solution": TEXT, "results": TEXT, "contact_email": "role@city.example",
        "pathways": ["circular"], "topics": ["food"],
    }  # fmt: skip
    Revision.objects.bulk_create(
        (Revision(publication=one, state="approved", version=1, content=content, closed_at=now) for one in made),
        batch_size=2_000,
    )
    # Spread over the whole table, and as many to one office as to the next.
    waiting = (made[n * number // WAITING // OFFICES * OFFICES + n % OFFICES] for n in range(WAITING))
    Revision.objects.bulk_create(
        Revision(
            publication=one, state="submitted", base_version=1, submitted_by=authors[n % len(authors)],
            submitted_at=now - timedelta(minutes=n),
            content=content | {"solution": TEXT.replace("district", "quarter"), "results": TEXT + "It worked."},
        )
        for n, one in enumerate(waiting)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def make_readers(number: int, *, news: int) -> None:
    """Add so many people with a daily digest that is due, and `news` publications that none of them was told of."""
    dice = random.Random(2)  # noqa: S311 - no secret
    topics, pathways = list(Topic.objects.all()), list(Pathway.objects.all())
    members = list(Member.objects.all())
    people = User.objects.bulk_create(
        (User(email=f"reader{n}@city{n % len(members)}.example", name=f"Reader {n}", is_active=True, language="en")
         for n in range(number)), batch_size=5_000,
    )  # fmt: skip
    MemberRole.objects.bulk_create(
        (MemberRole(user=one, member=members[n % len(members)], role="reader") for n, one in enumerate(people)),
        batch_size=5_000,
    )
    now = timezone.now()
    noon = f"Etc/GMT{now.hour - 12:+}"  # where it is noon now: a late digest waits for the morning
    languages = [code for code, _ in settings.LANGUAGES]
    subscriptions = Subscription.objects.bulk_create(
        (Subscription(user=one, cadence="daily", hour=12, time_zone=noon, language=languages[n % len(languages)],
                      next_due=now - timedelta(minutes=1))
         for n, one in enumerate(people)), batch_size=5_000,
    )  # fmt: skip
    for field, terms, most in (("topics", topics, 4), ("pathways", pathways, 2)):
        through = getattr(Subscription, field).through
        column = {"pathways": "pathway", "topics": "topic"}[field]
        through.objects.bulk_create(
            (through(subscription=one, **{column: term})
             for one in subscriptions for term in dice.sample(terms, dice.randrange(most))), batch_size=10_000,
        )  # fmt: skip
    kind = ContentType.objects.get_for_model(Publication)
    Entry.objects.bulk_create(
        Entry(verb="published", content_type=kind, object_id=one.pk, version=1, audience=Entry.Audience.NETWORK)
        for one in Publication.objects.order_by("-pk")[:news]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
