"""Everybody's suggestions worked out at once, for one ask, and the pages that show them, measured."""

import resource
from datetime import timedelta
from itertools import cycle

import numpy as np
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pgvector import HalfVector

from config.vocabulary.models import Pathway, Topic
from exchange.bench.matching import gini, read_exposure
from exchange.bench.measure import counting, measure, timing
from exchange.bench.shelf import CENTRES, COUNTRIES, LANGUAGES, centres_of_meaning
from exchange.peers.matching import match_all, match_notice
from exchange.peers.models import Format, Match, Notice
from members.accounts.models import User
from members.directory.models import Member
from practices.search.embedding import DIMENSIONS, unit

ZONES = ("Dfb", "Dfc", "Cfb", "Csa", "Aw", "Cfa", "BSk", "Dfb")


def make_notices(number: int) -> None:
    """Open so many asks and offers, half of each, about the same 40 things as the publications are."""
    dice = np.random.default_rng(7)
    members = list(Member.objects.order_by("pk"))
    for at, member in enumerate(members):
        member.population = int(10 ** (3.3 + (at * 37 % 300) / 100))
        member.climate_zone, member.government_level = ZONES[at % len(ZONES)], "local"
        member.languages = ["en", LANGUAGES[at % len(LANGUAGES)]]
    Member.objects.bulk_update(
        members, ["population", "climate_zone", "government_level", "languages"], batch_size=1_000
    )
    centres = centres_of_meaning()
    around = np.arange(number) % CENTRES
    noise = dice.standard_normal((number, DIMENSIONS)).astype(np.float32) / DIMENSIONS**0.5
    places = unit(centres[around] + noise)
    today, formats = timezone.localdate(), cycle(Format.values)
    made = Notice.objects.bulk_create(
        (
            Notice(
                kind="ask" if n % 2 else "offer", member=members[n * 7 % len(members)], title=f"Question {n}",
                text="How did you do it, and what did it cost? " * 4, language="en",
                formats=[next(formats)], languages=["en", LANGUAGES[n % len(LANGUAGES)]],
                closes_on=today + timedelta(days=10 + n % 200), meaning=HalfVector(places[n]),
            )
            for n in range(number)
        ),
        batch_size=1_000,
    )  # fmt: skip
    for field, terms in (("topics", list(Topic.objects.all())), ("pathways", list(Pathway.objects.all()))):
        through = getattr(Notice, field).through
        column = field.removesuffix("s")
        through.objects.bulk_create(
            (through(notice=one, **{column: terms[n % CENTRES % len(terms)]}) for n, one in enumerate(made)),
            batch_size=5_000,
        )


def measure_peers(number: int, times: int) -> dict[str, object]:
    """Measure the run for all, that for one, and the pages; see `measure`.

    Of the run: seconds, queries, suggestions, the most memory of the process in MB before and after, and the Gini
    coefficient of how often members are suggested.
    """
    make_notices(number)
    before = _most_memory()
    with counting() as counted, timing() as spent:
        suggestions = match_all()
    run = {
        "members": Member.objects.count(),
        "open": number,
        "suggestions": suggestions,
        "seconds": round(spent.seconds, 1),
        "queries": counted.queries,
        "memory_mb_before": before,
        "memory_mb": _most_memory(),
        "gini": gini([*read_exposure().values()]),
    }
    ask = Notice.objects.filter(kind="ask").order_by("pk")[number // 4]
    client = Client(SERVER_NAME="localhost")
    author = User.objects.get(email="author7@city.example")
    client.force_login(author)
    own = Match.objects.filter(member=author.member_roles.get().member, notice__isnull=False).first()

    def open_page(name: str, *arguments: object, query: str = "") -> None:
        answer = client.get(reverse(f"peers:{name}", args=arguments) + query)
        if answer.status_code != 200:
            raise ValueError(f"{name} answered {answer.status_code}")

    return {
        "run": run,
        "one_ask": measure(lambda: match_notice(ask), times),
        "home": measure(lambda: open_page("home"), times),
        "ask_list": measure(lambda: open_page("ask_list"), times),
        "ask_list_narrowed": measure(
            lambda: open_page("ask_list", query=f"?topic=water&country={COUNTRIES[0]}&format=call"), times
        ),
        "own_notice": measure(lambda: open_page("notice_detail", own.notice_id if own else ask.pk), times),
    }


def _most_memory() -> int:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
