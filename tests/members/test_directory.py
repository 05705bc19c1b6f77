"""The directory: list, pages of members and offices."""

import pytest

from members.accounts.models import User
from members.directory.models import Contact
from tests.factories import MemberFactory, MemberRoleFactory, OfficeFactory, OfficeRoleFactory
from tests.members.acts import invite
from tests.pages import without_tokens

HTMX = {"HX-Request": "true"}
LIST = "/members/"


def names(response):
    return [row.name for row in response.context["page"]]


# The list ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def towns(cast):
    """Add members that differ in what one filters by."""
    MemberFactory(name="Äänekosken kaupunki", name_en="Äänekoski", kind="town", country="FI", office=cast.finland)
    MemberFactory(name="Град Скопје", name_en="Skopje", kind="city", country="MK", office=cast.europe)
    MemberFactory(name="Kuntaliitto", name_en="Closed", country="FI", office=cast.finland, is_active=False)
    return cast


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Äänekosken kaupunki", "Lahden kaupunki", "Concello de Pontevedra", "Град Скопје"]),
        ("q=laht", ["Lahden kaupunki"]),
        ("q=Lahden", ["Lahden kaupunki"]),
        ("q=ÄÄNE", ["Äänekosken kaupunki"]),
        ("q=aanekoski", ["Äänekosken kaupunki"]),
        ("q=kaupunki+lahden", ["Lahden kaupunki"]),
        ("q=СКОПЈЕ", ["Град Скопје"]),
        ("q=kuntaliitto", []),
        ("q=%25", []),
        ("country=MK", ["Град Скопје"]),
        ("kind=town", ["Äänekosken kaupunki"]),
        ("country=FI&kind=city", ["Lahden kaupunki"]),
        ("q=skopje&country=FI", []),
        ("page=last", ["Äänekosken kaupunki", "Lahden kaupunki", "Concello de Pontevedra", "Град Скопје"]),
        ("page=99", ["Äänekosken kaupunki", "Lahden kaupunki", "Concello de Pontevedra", "Град Скопје"]),
    ],
)
def test_list_is_filtered(client, towns, query, found):
    client.force_login(towns.rita)
    response = client.get(f"{LIST}?{query}")
    assert names(response) == found
    assert f"{len(found)} member{'' if len(found) == 1 else 's'}" in response.text
    assert ("No member fits" in response.text) == (not found)


def test_list_is_filtered_by_office(client, towns):
    client.force_login(towns.rita)
    response = client.get(LIST, {"office": "europe"})
    assert names(response) == ["Concello de Pontevedra", "Град Скопје"]


def test_list_with_a_choice_that_is_none_says_so_and_shows_the_rest(client, towns):
    client.force_login(towns.rita)
    response = client.get(LIST, {"country": "XX", "office": "x", "kind": "city"})
    assert response.status_code == 200
    assert names(response) == ["Lahden kaupunki", "Concello de Pontevedra", "Град Скопје"]
    assert response.context["filter"].unknown == ["XX", "x"]
    assert "There is no such choice any more, so it was left out: XX, x" in response.text


def test_list_offers_only_countries_that_are_there_in_the_readers_language(client, towns):
    User.objects.filter(pk=towns.rita.pk).update(language="mk")
    client.force_login(towns.rita)
    (country,) = [one for one in client.get(LIST).context["filter"].facets if one.name == "country"]
    assert [(option.label, option.count) for option in country.options] == [
        ("Европа", 4), ("Финска", 2), ("Северна Македонија", 1), ("Шпанија", 1),
    ]  # fmt: skip


def test_list_as_a_fragment_is_the_results_alone(client, towns):
    client.force_login(towns.rita)
    fragment = client.get(LIST, {"q": "laht"}, headers=HTMX)
    assert "<html" not in fragment.text
    assert "1 member" in fragment.text
    assert "Lahden kaupunki" in fragment.text
    page = client.get(LIST, {"q": "laht"})
    assert fragment.text.strip() in page.text
    # "Back" gets the whole page: htmx does not ask for it as for a fragment, and the cache tells the two apart.
    assert '"historyRestoreAsHxRequest":false' in page.text
    assert all("HX-Request" in one.headers["Vary"] for one in (fragment, page))


def test_list_has_pages_that_keep_the_filter(client, cast):
    MemberFactory.create_batch(30, country="SE", office=cast.europe)
    client.force_login(cast.rita)
    first = client.get(LIST, {"country": "SE"})
    assert len(names(first)) == 24
    assert "30 members" in first.text
    assert 'href="?country=SE&amp;page=2"' in first.text
    second = client.get(LIST, {"country": "SE", "page": 2})
    assert len(names(second)) == 6
    assert not set(names(first)) & set(names(second))


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_list_costs_the_same_for_any_number_of_members(client, cast, django_assert_num_queries, rows):
    MemberFactory.create_batch(rows, country="SE", office=cast.europe)
    client.force_login(cast.rita)
    with django_assert_num_queries(8):
        client.get(LIST, {"country": "SE"})


def test_list_of_somebody_outside_the_network_is_empty(client, towns):
    client.force_login(towns.nora)
    response = client.get(LIST)
    assert names(response) == []
    for secret in ("Lahti", "Lahden", "Finnish Office", "FI", "Finland"):
        assert secret not in without_tokens(response)


# Pages ---------------------------------------------------------------------------------------------------------------


def test_member_page_tells_who_is_there(client, cast):
    Contact.objects.create(
        member=cast.lahti, function="staff", title="Climate coordinator", email="climate@city.example", person=cast.bob
    )
    cast.lahti.about = "By a lake. <script>alert(1)</script>"
    cast.lahti.save()
    client.force_login(cast.carlos)
    page = client.get(cast.lahti.get_absolute_url()).text
    for text in ("Lahden kaupunki", "Alice", "Liaison", "Climate coordinator", "climate@city.example", "50,000"):
        assert text in page
    assert "<script>alert" not in page
    assert "alice@city.example" not in page


def test_member_page_shows_invitations_only_to_who_may_invite(client, cast):
    invite(cast)
    for person, shown in {
        "alice": True,
        "kaisa": True,
        "ada": True,
        "bob": False,
        "carlos": False,
        "eva": False,
    }.items():
        client.force_login(getattr(cast, person))
        page = client.get(cast.lahti.get_absolute_url()).text
        assert ("new@city.example" in page) is shown, person
        assert ("Invite a colleague" in page) is shown, person


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_member_page_costs_the_same_for_any_number_of_people(client, cast, django_assert_num_queries, rows):
    MemberRoleFactory.create_batch(rows, member=cast.lahti)
    for number in range(rows):
        invite(cast, email=f"new{number}@city.example")
    client.force_login(cast.alice)
    with django_assert_num_queries(19):
        client.get(cast.lahti.get_absolute_url())


def test_office_page_counts_active_members_and_names_its_people(client, towns):
    client.force_login(towns.carlos)
    page = client.get(towns.finland.get_absolute_url())
    assert page.context["of"].size == 2
    for text in ("Finnish Office", "Kaisa", "Coordinator", "European Office"):
        assert text in page.text


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_office_page_costs_the_same_for_any_number_of_rows(client, cast, django_assert_num_queries, rows):
    OfficeFactory.create_batch(rows, parent=cast.europe)
    OfficeRoleFactory.create_batch(rows, office=cast.europe)
    MemberFactory.create_batch(rows, office=cast.europe)
    client.force_login(cast.rita)
    with django_assert_num_queries(13):
        client.get(cast.europe.get_absolute_url())
