"""Keeping the page of a member: who may, what cannot be, what is proposed, what the history says."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.files.models import Blob
from config.journal.models import Entry
from config.vocabulary.models import Pathway
from members.directory.facts import fingerprint, read_facts
from members.directory.keeping import add_member, change_member, save_contacts, set_logo
from members.directory.member_forms import Choices
from members.directory.models import Contact, Member
from practices.library.services import archive_publication
from tests.factories import MemberFactory, PublicationFactory
from tests.pages import read
from tests.uploads import PDF, drawing, photo, upload, written

FORM = {
    "name": "Lahden kaupunki", "name_en": "Lahti", "kind": "city", "country": "FI", "subdivision": "Päijät-Häme",
    "latitude": "60,98", "longitude": "25.66", "population": "120,000", "population_year": "2024",
    "area_km2": "517.6", "climate_zone": "Dfb", "government_level": "local", "pathways": ["circular", "resilient"],
    "languages": ["fi", "sv"], "website": "lahti.example", "email_domains": "@Lahti.example, edu.lahti.example",
    "about": "By a lake.", "joined_year": "1994",
}  # fmt: skip


@pytest.fixture
def edit(client, cast):
    """Return a function that saves the form of Lahti with `changes`, as Alice or another."""
    address = reverse("directory:member_edit", args=["lahti"])

    def edit(person=None, **changes):
        client.force_login(person or cast.alice)
        data = {name: value for name, value in (FORM | changes).items() if value is not None}
        return client.post(address, data, **({"headers": {"HX-Request": "true"}} if "htmx" in changes else {}))

    return edit


def lahti():
    return Member.objects.get(slug="lahti")


def errors(answer):
    return {name: list(texts) for name, texts in answer.context["form"].errors.items()}


def test_liaison_saves_everything_but_the_office(edit, cast):
    answer = edit(office="europe", is_active="no")
    assert (answer.status_code, answer.url) == (302, "/members/lahti/")
    member = lahti()
    assert read_facts(member) == {
        "name": "Lahden kaupunki", "name_en": "Lahti", "kind": "city", "country": "FI", "subdivision": "Päijät-Häme",
        "latitude": "60.98", "longitude": "25.66", "population": "120000", "population_year": "2024",
        "area_km2": "517.6", "climate_zone": "Dfb", "government_level": "local", "pathways": "circular;resilient",
        "languages": "fi;sv", "office": "finland", "associations": "", "website": "https://lahti.example",
        "email_domains": "lahti.example;edu.lahti.example", "about": "By a lake.", "joined_year": "1994",
        "is_active": "yes",
    }  # fmt: skip
    (entry,) = Entry.objects.filter(verb="member_changed")
    assert (entry.by, entry.object, entry.member_id, entry.office_id) == (
        cast.alice,
        member,
        member.pk,
        cast.finland.pk,
    )
    assert entry.details["fields"] == [
        "subdivision", "latitude", "longitude", "population", "population_year", "area_km2", "climate_zone",
        "government_level", "pathways", "languages", "website", "email_domains", "about", "joined_year",
    ]  # fmt: skip


def test_saving_the_same_again_writes_nothing(edit):
    edit()
    edit()
    assert Entry.objects.filter(verb="member_changed").count() == 1


def test_administrator_moves_a_member_and_ends_its_membership(edit, cast):
    edit(cast.ada, office="europe", is_active="no")
    assert (lahti().office, lahti().is_active) == (cast.europe, False)


@pytest.mark.parametrize("person", ["bob", "rita", "carlos", "eva", "xavier"])
def test_others_keep_nothing(edit, cast, person):
    assert edit(getattr(cast, person), name="Theirs").status_code == 403
    with pytest.raises(PermissionDenied):
        change_member(member=cast.lahti, values={"name": "Theirs"}, choices=Choices.read(), by=getattr(cast, person))
    with pytest.raises(PermissionDenied):
        set_logo(member=cast.lahti, upload=upload(photo()), by=getattr(cast, person))
    with pytest.raises(PermissionDenied):
        save_contacts(member=cast.lahti, contacts={}, by=getattr(cast, person))
    assert lahti().name == "Lahden kaupunki"


@pytest.mark.parametrize("person", ["alice", "kaisa"])
def test_office_and_membership_are_the_networks_to_say(cast, person):
    for values in ({"office": "europe"}, {"is_active": "no"}):
        with pytest.raises(PermissionDenied):
            change_member(member=cast.lahti, values=values, choices=Choices.read(), by=getattr(cast, person))
    assert (lahti().office, lahti().is_active) == (cast.finland, True)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"population": "0"}, {"population": "It cannot be 0. Leave it empty where it is not known."}),
        ({"population": "-5"}, {"population": "greater than or equal to 0"}),
        ({"population": "40000000"}, {"population": "No local government has 40 million inhabitants."}),
        ({"population": "99999999999999999999"}, {"population": "No local government has 40 million inhabitants."}),
        ({"population": "many"}, {"population": "Enter a whole number."}),
        ({"population": ""}, {"population": "There is a year, but no figure."}),
        ({"population_year": "3000"}, {"population_year": "Between 1900 and "}),
        ({"joined_year": "1066"}, {"joined_year": "Between 1900 and "}),
        ({"latitude": ""}, {"latitude": "A point needs both latitude and longitude."}),
        ({"latitude": "91"}, {"latitude": "less than or equal to 90"}),
        ({"longitude": "nan"}, {"longitude": "Enter a number."}),
        ({"area_km2": "-1"}, {"area_km2": "greater than or equal to 0"}),
        ({"country": "XX"}, {"country": "Select a valid choice."}),
        ({"country": ""}, {"country": "This field is required."}),
        ({"name": "  "}, {"name": "This field is required."}),
        ({"name": "x" * 121}, {"name": "at most 120 characters"}),
        ({"pathways": ["nothing"]}, {"pathways": "Select a valid choice."}),
        ({"languages": ["xx"]}, {"languages": "Select a valid choice."}),
        ({"associations": ["pontevedra"]}, {"associations": "Select a valid choice."}),
        ({"email_domains": "gmail.com"}, {"email_domains": "Everybody can have an address at gmail.com"}),
        ({"email_domains": "lahti.example OUTLOOK.com"}, {"email_domains": "Everybody can have an address at outlook.com"}),
        ({"email_domains": "lahti"}, {"email_domains": "“lahti” is no domain."}),
        ({"email_domains": "https://lahti.fi/"}, {"email_domains": "is no domain"}),
        ({"email_domains": " ".join(f"a{n}.example" for n in range(21))}, {"email_domains": "At most 20 domains."}),
        ({"website": "javascript:alert(1)"}, {"website": "Enter a valid URL."}),
        ({"about": "x" * 10_001}, {"about": "at most 10000 characters"}),
        ({"name": "a\x00b"}, {"name": "Null characters are not allowed."}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_the_field(edit, changes, wrong):
    before = read_facts(lahti())
    answer = edit(**changes)
    assert answer.status_code == 200
    found = errors(answer)
    assert set(found) == set(wrong)
    for name, text in wrong.items():
        assert text in found[name][0]
    assert read_facts(lahti()) == before


def test_form_that_is_wrong_is_422_for_a_fragment(edit):
    assert edit(htmx="", population="0").status_code == 422


def test_name_that_another_member_of_the_country_has_is_refused(edit):
    MemberFactory(name="Turun kaupunki", country="FI")
    assert "already exists" in read(edit(name="Turun kaupunki"))
    assert lahti().name == "Lahden kaupunki"


@pytest.mark.parametrize(
    "name", ["القاهرة", "חיפה", "上勝町", "काठमाडौं", "Град Скопје", "S<b>kopje</b>", "O’Brien & Co"]
)
def test_names_of_every_script_are_kept_and_shown(edit, client, name):
    edit(name=name)
    assert lahti().name == name
    page = client.get("/members/lahti/")
    assert name in read(page).replace(" kopje ", "<b>kopje</b>")
    assert "<b>kopje" not in page.text


def test_numbers_are_read_and_shown_as_the_reader_writes_them(edit, cast, client):
    cast.alice.language = "mk"
    cast.alice.save()
    edit(population="120.000", area_km2="517,6", latitude="60,98")
    assert (lahti().population, str(lahti().area_km2), lahti().latitude) == (120_000, "517.60", 60.98)
    page = client.get("/members/lahti/edit/").text
    for name, value in (("area_km2", "517,6"), ("population", "120000"), ("latitude", "60.98")):
        assert f'name="{name}" value="{value}"' in page


def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unseen(edit, cast):
    seen = fingerprint(read_facts(lahti()))
    edit(cast.kaisa, seen=seen, website="https://new.example")
    answer = edit(seen=seen, about="Mine.")
    assert errors(answer)["__all__"][0].startswith("Somebody has changed this page meanwhile.")
    assert (lahti().about, lahti().website) == ("By a lake.", "https://new.example")
    edit(seen=answer.context["seen"], about="Mine.")
    assert (lahti().about, lahti().website) == ("Mine.", "https://lahti.example")


# Climate --------------------------------------------------------------------------------------------------------------


def test_climate_zone_is_proposed_from_the_point_and_never_written_over_a_choice(client, cast):
    Member.objects.filter(pk=cast.lahti.pk).update(latitude=60.98, longitude=25.66)
    client.force_login(cast.alice)

    def shown():
        field = client.get("/members/lahti/edit/").context["form"]["climate_zone"]
        return field.value(), field.help_text

    assert shown() == ("Dfb", "Proposed from the point. Choose another one where it does not fit.")
    assert lahti().climate_zone == ""  # reading writes nothing
    Member.objects.filter(pk=cast.lahti.pk).update(climate_zone="ET")
    assert shown() == ("ET", "")
    Member.objects.filter(pk=cast.lahti.pk).update(climate_zone="", latitude=None)
    assert shown() == ("", "")


def test_new_member_gets_the_zone_of_its_point_and_the_office_of_its_country(cast):
    cast.finland.territory = ["FI"]
    cast.finland.save()
    values = {"name": "Kemi", "name_en": "Kemi", "kind": "town", "country": "FI", "latitude": 65.74, "longitude": 24.56,
              "pathways": ["circular"]}  # fmt: skip
    made = add_member(values=values, choices=Choices.read(), by=cast.ada)
    assert (made.slug, made.climate_zone, made.office) == ("kemi", "Dfc", cast.finland)
    assert [str(one) for one in made.pathways.all()] == ["Circular"]
    chosen = add_member(
        values=values | {"name": "B", "climate_zone": "ET", "office": "europe"}, choices=Choices.read(), by=cast.ada
    )
    assert (chosen.slug, chosen.climate_zone, chosen.office) == ("kemi-2", "ET", cast.europe)
    assert list(Entry.objects.filter(verb="member_added").values_list("member_id", flat=True)) == [made.pk, chosen.pk]


def test_country_without_an_office_is_told(cast):
    Member.objects.all().delete()
    for office in (cast.finland, cast.europe, cast.bonn):
        office.kind = "national"
        office.save()
    values = {"name": "A", "name_en": "A", "kind": "city", "country": "NP"}
    with pytest.raises(ValidationError, match="No office looks after this country"):
        add_member(values=values, choices=Choices.read(), by=cast.ada)
    assert Member.objects.count() == 0


@pytest.mark.parametrize("person", ["alice", "kaisa", "carlos", "nora"])
def test_only_administrators_add_members(cast, person):
    with pytest.raises(PermissionDenied):
        add_member(values={}, choices=Choices.read(), by=getattr(cast, person))


# The logo -------------------------------------------------------------------------------------------------------------


def test_logo_is_made_anew_shown_to_the_network_and_taken_away(edit, client, cast):
    edit(logo=upload(photo((400, 200)), "our logo.svg"))
    blob = lahti().logo
    assert (blob.media_type, blob.width, blob.height) == ("image/jpeg", 400, 200)
    client.force_login(cast.carlos)
    answer = client.get("/members/lahti/logo/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert b"Secret" not in b"".join(answer)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert 'src="/members/lahti/logo/?size=small"' in client.get("/members/lahti/").text
    assert 'src="/members/lahti/logo/?size=small"' in client.get("/members/").text
    client.force_login(cast.nora)
    assert client.get("/members/lahti/logo/").status_code == 404
    edit(no_logo="yes")
    assert lahti().logo is None
    assert client.get("/members/lahti/logo/").status_code == 404
    assert Entry.objects.filter(verb="member_changed", details={"fields": ["logo"]}).count() == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (PDF, "This file is of the type: PDF."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This file is of the type: SVG."),
        (b"", "The submitted file is empty."),
        (written(drawing(), "GIF"), "This file is of the type: GIF."),
        (photo()[:300], "This picture cannot be read"),
    ],
)
def test_logo_that_is_no_picture_is_refused_and_nothing_else_saved(edit, data, says):
    answer = edit(logo=upload(data, "logo.png"), about="New.")
    assert answer.status_code == 200
    assert says in str(answer.context["logo"].errors["logo"])
    assert (lahti().logo, lahti().about) == (None, "")
    assert Blob.objects.count() == 0


def test_logo_that_is_too_large_is_refused(edit, settings):
    settings.MAX_IMAGE_MB = 1
    answer = edit(logo=upload(b"\xff\xd8\xff" + b"x" * 1_100_000, "logo.jpg"))
    assert "This file is too large. At most 1 MB are possible." in read(answer)


# Contacts -------------------------------------------------------------------------------------------------------------


def test_contacts_are_kept_by_function(client, cast):
    Contact.objects.create(member=cast.lahti, function="staff", title="Old", email="old@lahti.example", person=cast.bob)
    Contact.objects.create(member=cast.lahti, function="billing", title="Bills", email="bills@lahti.example")
    client.force_login(cast.alice)
    data = {
        "leader-title": "Kaupunginjohtaja", "leader-email": "mayor@lahti.example", "leader-person_name": "Maija Mallikas",
        "leader-elected_on": "2025-04-13", "leader-term_ends_on": "2029-05-31",
        "staff-title": "Climate coordinator", "staff-email": "climate@lahti.example", "staff-person_name": "Somebody",
    }  # fmt: skip
    assert client.post("/members/lahti/contacts/", data).status_code == 302
    found = {one.function: (one.title, one.email, one.person_name, one.person) for one in cast.lahti.contacts.all()}
    assert found == {
        "leader": ("Kaupunginjohtaja", "mayor@lahti.example", "Maija Mallikas", None),
        "staff": ("Climate coordinator", "climate@lahti.example", "Somebody", None),
    }
    assert Entry.objects.get(verb="contacts_changed").details == {"functions": ["leader", "staff", "billing"]}
    client.force_login(cast.carlos)
    page = read(client.get("/members/lahti/"))
    assert (
        "Leader Kaupunginjohtaja Maija Mallikas mayor@lahti.example Elected on 13 April 2025 Term until 31 May 2029"
        in page
    )
    assert page.index("Leader Kaup") < page.index("Staff contact Climate")


@pytest.mark.parametrize(
    ("data", "form", "wrong"),
    [
        ({"leader-title": "Mayor"}, "leader", {"email": ["A contact needs an address that outlives the person."]}),
        ({"leader-email": "m@x.example"}, "leader", {"title": ["What is the role called?"]}),
        ({"billing-title": "B", "billing-email": "no"}, "billing", {"email": ["Enter a valid email address."]}),
        (
            {"leader-title": "M", "leader-email": "m@x.example", "leader-elected_on": "2025-01-02", "leader-term_ends_on": "2025-01-01"},
            "leader", {"term_ends_on": ["A term cannot end before it begins."]},
        ),
    ],
)  # fmt: skip
def test_contact_that_is_not_whole_is_told_beside_the_field(client, cast, data, form, wrong):
    client.force_login(cast.alice)
    answer = client.post("/members/lahti/contacts/", data)
    (found,) = [one for one in answer.context["forms"] if one.prefix == form]
    assert found.errors == wrong
    assert not Contact.objects.exists()


# The page -------------------------------------------------------------------------------------------------------------


def test_page_tells_the_facts_associations_and_whom_it_brings_in(edit, client, cast):
    union = MemberFactory(
        name="Kuntaliitto", name_en="Union", slug="kuntaliitto", kind="association", office=cast.finland
    )
    edit(associations=["kuntaliitto"])
    client.force_login(cast.carlos)
    page = read(client.get("/members/lahti/"))
    for text in (
        "Finland, Päijät-Häme", "120,000 (2024)", "517.6 km² 232 inhabitants per km²",
        "Dfb: cold, no dry season, warm summer", "Local", "Finnish, Swedish", "Resilient Circular",
        "Associations Kuntaliitto", "lahti.example, edu.lahti.example", "Compare with Concello de Pontevedra",
    ):  # fmt: skip
        assert text in page, text
    assert "Edit this page" not in page
    for number in range(13):
        MemberFactory(name_en=f"A{number:02}", name=f"Brought {number}", office=cast.finland).associations.add(union)
    MemberFactory(name="Gone", is_active=False).associations.add(union)
    answer = client.get("/members/kuntaliitto/")
    assert [one.name for one in answer.context["brings_in"]] == [f"Brought {number}" for number in range(12)]
    assert 'href="/members/?association=kuntaliitto"' in answer.text
    assert "Gone" not in answer.text


def test_merged_member_leads_to_the_one_it_was_merged_into(client, cast):
    old = MemberFactory(slug="old", merged_into=cast.pontevedra, is_active=False)
    older = MemberFactory(slug="older", merged_into=old, is_active=False)
    client.force_login(cast.rita)
    for one in (old, older):
        assert client.get(one.get_absolute_url()).url == "/members/pontevedra/"
    client.force_login(cast.nora)
    assert client.get(old.get_absolute_url()).status_code == 404


def test_standing_concerns_those_who_keep_the_member(client, cast):
    Member.objects.filter(pk=cast.lahti.pk).update(standing="lapsed")
    for person, seen in {
        "alice": True,
        "kaisa": True,
        "ada": True,
        "bob": False,
        "carlos": False,
        "eva": False,
    }.items():
        client.force_login(getattr(cast, person))
        assert ("the fee is overdue" in client.get("/members/lahti/").text) is seen, person


def test_history_names_acts_and_leaves_out_what_is_nobodys_business(edit, client, cast):
    shown = PublicationFactory(owner=cast.lahti, title="Shown", by=cast.alice)
    gone = PublicationFactory(owner=cast.lahti, title="Gone", by=cast.alice)
    PublicationFactory(owner=cast.lahti, title="Draft", state="unpublished", by=cast.alice)
    PublicationFactory(owner=cast.pontevedra, title="Elsewhere", by=cast.carlos)
    archive_publication(publication=gone, reason="Over.", by=cast.kaisa)
    client.force_login(cast.alice)
    client.post("/members/lahti/invite/", {"email": "x@lahti.example", "role": "reader", "language": "fi"})
    kept = {"name", "name_en", "kind", "country", "population"}
    edit(**{name: None for name in FORM if name not in kept} | {"about": "New."})
    client.force_login(cast.carlos)
    history = client.get("/members/lahti/").context["history"]
    assert [(str(act.said.text), act.said.url, act.by) for act in history] == [
        ("Changed: population, about", "", cast.alice),
        ("Published: Shown", shown.get_absolute_url(), cast.alice),
    ]
    client.force_login(cast.kaisa)
    assert [str(act.said.text) for act in client.get("/members/lahti/").context["history"]] == [
        "Changed: population, about", "Archived: Gone", "Published: Gone", "Published: Shown",
    ]  # fmt: skip


def test_history_shows_the_last_twenty(edit, client, cast):
    for number in range(22):
        edit(about=f"Text {number}")
    assert len(client.get("/members/lahti/").context["history"]) == 20


# Offices --------------------------------------------------------------------------------------------------------------


def test_office_page_tells_territory_members_and_figures(client, cast):
    cast.finland.territory = ["FI", "AX"]
    cast.finland.save()
    MemberFactory.create_batch(30, office=cast.finland, kind="town")
    MemberFactory(office=cast.finland, is_active=False)
    MemberFactory(office=cast.finland, merged_into=cast.lahti)
    PublicationFactory(owner=cast.lahti)
    PublicationFactory(owner=cast.pontevedra)
    Member.objects.filter(pk=cast.lahti.pk).update(standing="lapsed")
    for person, behind in {"kaisa": ["lahti"], "ada": ["lahti"], "eva": None, "alice": None, "rita": None}.items():
        client.force_login(getattr(cast, person))
        answer = client.get("/offices/finland/")
        of = answer.context["of"]
        assert of.behind is None if behind is None else [one.slug for one in of.behind] == behind, person
        assert ("With an overdue fee" in answer.text) is (behind is not None), person
    assert (of.size, len(of.first), of.countries) == (31, 24, ["Åland Islands", "Finland"][::-1])
    assert [(code, count) for code, _label, count in of.kinds] == [("city", 1), ("town", 30)]
    assert [(str(label), count) for label, count in of.figures] == [("Practices and projects", 1)]
    assert 'href="/members/?office=finland"' in answer.text
    assert "Kaisa" in answer.text


def test_pathways_are_fetched_once(client, cast, django_assert_num_queries):
    cast.lahti.pathways.set(Pathway.objects.all())
    client.force_login(cast.rita)
    with django_assert_num_queries(17):
        client.get("/members/lahti/")
