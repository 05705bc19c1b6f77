"""Loading the demo network. Running it again changes nothing that people have changed since."""

from pathlib import Path

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.vocabulary.choices import Level
from config.vocabulary.models import Pathway
from exchange.demo.drafts import load_announcement, load_drafts
from exchange.demo.exchanges import load_exchanges
from exchange.demo.joining import load_joining
from exchange.demo.network import MEMBERS, OFFICES, PASSWORD, PEOPLE, PersonFacts
from exchange.demo.notices import load_introductions, load_notices
from exchange.demo.past import in_the_past
from exchange.demo.public import load_public
from exchange.demo.searches import load_searches
from exchange.demo.showcase import load_showcase
from exchange.demo.talk import load_talk
from exchange.demo.uptakes import load_uptakes
from members.accounts.models import User
from members.directory.climate import climate_zone_at
from members.directory.models import Member, MemberRole, Office, OfficeRole, level_of_kind
from members.directory.querysets import MemberQuerySet
from practices.library.importing import load_file
from practices.library.models import Publication

PUBLICATIONS = Path(__file__).parent / "data" / "practices.jsonl"


@transaction.atomic
def load_network() -> None:
    """Make the offices, the publications with their members, further members, people, how they join, drafts, uptake, what they ask each other, and what is public."""
    load_places()
    encoded = make_password(PASSWORD)  # once: a password hash is slow on purpose
    for person in PEOPLE:
        _load_person(person, encoded)
    load_joining()
    load_drafts()
    load_announcement()
    with in_the_past():
        load_showcase()
        load_talk()
    load_uptakes()
    load_searches()
    load_public()
    load_notices()
    with in_the_past():
        load_introductions()
    load_exchanges()


def load_places() -> None:
    """Make the offices, the publications with their members, and further members."""
    _load_offices()
    known = list(Member.objects.values_list("pk", flat=True))
    load_file(PUBLICATIONS)
    _load_members()
    _fill_members(Member.objects.exclude(pk__in=known))


def _load_offices() -> None:
    for facts in OFFICES:
        Office.objects.get_or_create(
            slug=facts.slug,
            defaults={
                "kind": facts.kind,
                "name": facts.name,
                "city": facts.city,
                "country": facts.country,
                "latitude": facts.latitude,
                "longitude": facts.longitude,
                "time_zone": facts.time_zone,
                "territory": list(facts.territory),
                "parent": Office.objects.get(slug=facts.parent) if facts.parent else None,
                "email": f"{facts.slug}@network.example",
            },
        )


def _load_members() -> None:
    finland = Office.objects.get(slug="finland")
    for facts in MEMBERS:
        Member.objects.get_or_create(
            slug=facts.slug,
            defaults={
                "country": facts.country,
                "name": facts.name,
                "kind": facts.kind,
                "name_en": facts.name_en,
                "latitude": facts.latitude,
                "longitude": facts.longitude,
                "population": facts.population,
                "population_year": facts.population_year,
                "office": finland,
                "climate_zone": climate_zone_at(facts.latitude, facts.longitude),
                "government_level": level_of_kind(facts.kind),
            },
        )


def _fill_members(members: MemberQuerySet) -> None:
    """Say of new members what their publications tell: the languages they write, the pathways they are on."""
    association = Member.objects.get(slug="kuntaliitto")
    for member in members.exclude(pk=association.pk):
        mine = Publication.objects.filter(owner_member=member)
        member.languages = sorted(set(mine.values_list("language", flat=True))) or ["fi"]
        member.save(update_fields=["languages"])
        member.pathways.set(Pathway.objects.filter(publications__in=mine))
        if member.country == "FI" and "fi" in member.languages:  # those of Åland have an association of their own
            member.associations.add(association)
    if members.filter(pk=association.pk).exists():
        association.languages, association.government_level = ["fi", "sv", "en"], Level.NATIONAL
        association.save(update_fields=["languages", "government_level"])


def _load_person(facts: PersonFacts, encoded_password: str) -> None:
    user, created = User.objects.get_or_create(
        email=facts.email,
        defaults={
            "name": facts.name,
            "job_title": facts.job_title,
            "language": facts.language,
            "languages_read": list(facts.reads),
            "time_zone": facts.time_zone,
            "is_administrator": facts.role == "administrator",
            "password": encoded_password,
        },
    )
    if not created:
        return
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if facts.role in MemberRole.Role.values:
        MemberRole.objects.create(user=user, member=Member.objects.get(name_en=facts.place), role=facts.role)
    elif facts.role in OfficeRole.Role.values:
        OfficeRole.objects.create(user=user, office=Office.objects.get(slug=facts.place), role=facts.role)
