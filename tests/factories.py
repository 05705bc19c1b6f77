"""Makers of rows for tests: valid by default, everything else said by the test."""

import factory
from factory.django import DjangoModelFactory

from members.accounts.models import User
from members.directory.models import Member, MemberRole, Office, OfficeRole


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@city.example")
    name = factory.Sequence(lambda n: f"Person {n}")


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    name = factory.Sequence(lambda n: f"Office {n}")
    slug = factory.Sequence(lambda n: f"office-{n}")
    kind = "national"
    city = "Helsinki"
    country = "FI"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    name = factory.Sequence(lambda n: f"Kaupunki {n}")
    name_en = factory.Sequence(lambda n: f"City {n}")
    slug = factory.Sequence(lambda n: f"city-{n}")
    kind = "city"
    country = "FI"
    population = 50_000
    office = factory.SubFactory(OfficeFactory)


class MemberRoleFactory(DjangoModelFactory):
    class Meta:
        model = MemberRole

    user = factory.SubFactory(UserFactory)
    member = factory.SubFactory(MemberFactory)
    role = "contributor"


class OfficeRoleFactory(DjangoModelFactory):
    class Meta:
        model = OfficeRole

    user = factory.SubFactory(UserFactory)
    office = factory.SubFactory(OfficeFactory)
    role = "coordinator"
