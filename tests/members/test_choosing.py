"""Choosing a member by writing its name."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.directory.choosing import MemberField, find_members
from members.directory.models import Member
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(cast):
    names = [("Град Скопје", "City of Skopje", "MK"), ("Vitoria", "Vitoria", "BR"), ("Vitória", "Vitoria", "BR"),
             ("São Vicente", "Sao Vicente", "BR"), ("Vicente López", "Vicente Lopez", "AR")]  # fmt: skip
    for number, (name, name_en, country) in enumerate(names):
        MemberFactory(name=name, name_en=name_en, country=country, slug=f"one-{number}", office=cast.bonn)
    return Member.objects.filter(slug__startswith="one-")


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("skopje", ["one-0"]),
        ("СКОПЈЕ", ["one-0"]),
        ("macedonia city", ["one-0"]),
        ("vicente brazil", ["one-3"]),
        ("vicente", ["one-4", "one-3"]),  # first whose name begins so
        ("Sao Vicente", ["one-3"]),
        ("São Vicente, Brazil", ["one-3"]),
        ("one-2", ["one-2"]),
        ("vitoria", ["one-1", "one-2"]),
        ("   ", []),
        ("atlantis", []),
    ],
)
def test_found_by_any_of_its_names(members, text, slugs):
    assert [one.slug for _label, one in find_members(text) if one.slug.startswith("one-")] == slugs


def test_field_takes_one_and_names_those_that_fit_else(members):
    field = MemberField()
    assert field.clean("skopje") == members.get(slug="one-0")
    assert field.prepare_value(members.get(slug="one-0")) == "Град Скопје, North Macedonia"
    with pytest.raises(ValidationError, match=r"Vicente López, Argentina; São Vicente, Brazil"):
        field.clean("vicente")
    with pytest.raises(ValidationError, match="No member"):
        field.clean("atlantis")


def test_label_of_one_that_can_be_written_leads_back_to_it(members):
    for label, one in find_members("vitoria"):
        assert [found for _label, found in find_members(label)] == [one]


def test_those_that_left_are_not_found(members, cast, client):
    Member.objects.filter(slug="one-0").update(is_active=False)
    assert find_members("skopje") == []
    client.force_login(cast.rita)
    page = client.get(reverse("directory:member_names"), {"of": "partner", "partner": "vicente"}).content.decode()
    assert page.count("<option") == 2
    assert 'value="São Vicente, Brazil"' in page
    assert client.get(reverse("directory:member_names"), {"of": "partner", "partner": "v"}).content.strip() == b""
