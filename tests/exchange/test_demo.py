"""The demo network: loaded twice, changed by people, signed in to."""

import json
import re
from collections import Counter

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.demo.network import MEMBERS, OFFICES, PASSWORD, PEOPLE
from exchange.demo.services import PUBLICATIONS, load_network
from members.accounts.models import User
from members.directory.models import Contact, Member, MemberRole, Office, OfficeRole
from practices.library.models import Publication
from practices.search.models import SavedSearch
from practices.sharing.public import public_path
from practices.sharing.services import hide_from_public
from practices.uptake.models import Bookmark, BookmarkList, Uptake
from tests import snapshots

LINES = [json.loads(line) for line in PUBLICATIONS.read_text(encoding="utf-8").splitlines()]
MODELS = (
    Office,
    Member,
    User,
    MemberRole,
    OfficeRole,
    Contact,
    Publication,
    Uptake,
    BookmarkList,
    Bookmark,
    SavedSearch,
)


def counts():
    return {model.__name__: model.objects.count() for model in MODELS}


@pytest.fixture
def network(db):
    cache.clear()
    snapshots.make_once("demo", load_network)


def test_loading_twice_changes_nothing(network):
    before = counts()
    hosts = {(line["member"]["country"], line["member"]["name"]) for line in LINES}
    assert before["Publication"] >= len(LINES)
    assert (before["Office"], before["Member"], before["User"]) == (
        len(OFFICES), len(hosts) + len(MEMBERS), len(PEOPLE),
    )  # fmt: skip
    call_command("load_demo")
    assert counts() == before


def test_what_people_have_changed_stays(network):
    before = counts()
    Publication.objects.filter(import_id=LINES[0]["id"]).update(title="Changed", state="archived")
    Member.objects.filter(slug="kuopio").update(name="Kuopio", name_en="Kuopio city")
    Member.objects.filter(slug="joensuu").update(name_en="Joensuu city")
    Office.objects.filter(slug="finland").update(name="Suomen toimisto")
    aino = User.objects.get(email="aino@joensuu.example")
    aino.name, aino.is_active = "Aino K.", False
    aino.set_password("another long passphrase")
    aino.save()
    MemberRole.objects.filter(user=aino).update(role="reader")
    Contact.objects.update(title="Coordinator", person=None)
    load_network()
    assert counts() == before
    assert Publication.objects.filter(title="Changed", state="archived").count() == 1
    assert set(Member.objects.filter(name_en__endswith=" city").values_list("slug", flat=True)) == {"kuopio", "joensuu"}
    aino.refresh_from_db()
    assert (aino.name, aino.is_active, aino.check_password("another long passphrase")) == ("Aino K.", False, True)
    assert aino.member_roles.get().role == "reader"
    assert set(Contact.objects.values_list("title", "person")) == {("Coordinator", None)}


def test_network_has_its_offices_and_members_belong_to_the_nearest(network):
    parents = {office.slug: office.parent and office.parent.slug for office in Office.objects.all()}
    assert parents == {"world": None, "europe": "world", "finland": "europe"}
    assert {office.slug: office.kind for office in Office.objects.all()} == {
        "world": "world", "europe": "regional", "finland": "national",
    }  # fmt: skip
    office_of = {member.name_en: member.office.slug for member in Member.objects.select_related("office")}
    assert office_of["Joensuu"] == office_of["Mariehamn"] == office_of["Kuopio"] == "finland"
    assert office_of["Bitola"] == office_of["Pontevedra"] == office_of["Paris"] == "europe"
    assert office_of["Kamikatsu"] == office_of["Medellín"] == office_of["Freetown"] == "world"


def test_finnish_members_are_those_of_the_seed_and_of_the_text(network):
    hosts = {line["member"]["name_en"] for line in LINES if line["member"]["country"] == "FI"}
    assert set(Member.objects.filter(country="FI").values_list("name_en", flat=True)) == hosts | {
        "Kuopio",
        "Lappeenranta",
        "Oulu",
        "Turku",
        "Association of Finnish Local and Regional Authorities",
    }


def test_members_have_the_climate_of_their_place_and_what_their_publications_tell(network):
    found = {one.slug: one for one in Member.objects.prefetch_related("pathways", "associations")}
    # On the map of climates Åland is sea, and farther away nothing is guessed.
    assert [one.slug for one in found.values() if not one.climate_zone] == ["mariehamn"]
    joensuu = found["joensuu"]
    assert (joensuu.climate_zone, joensuu.government_level, joensuu.languages) == ("Dfc", "local", ["fi", "en"])
    assert {one.code for one in joensuu.pathways.all()} >= {"low_emission", "circular"}
    assert [one.slug for one in joensuu.associations.all()] == ["kuntaliitto"]
    assert [one.slug for one in found["mariehamn"].associations.all()] == []
    assert (found["kamikatsu"].climate_zone, found["kuntaliitto"].government_level) == ("Cfa", "national")


def test_joensuu_is_a_member_with_its_climate_coordinator_as_staff_contact(network):
    joensuu = Member.objects.get(slug="joensuu")
    assert joensuu.name == "Joensuun kaupunki"
    assert set(joensuu.contacts.values_list("function", flat=True)) == {"leader", "staff", "billing"}
    contact = joensuu.contacts.get(function="staff")
    assert (contact.title, contact.email) == ("Ilmastokoordinaattori", "climate@joensuu.example")
    assert contact.person.job_title == "Climate coordinator"
    assert contact.person.member_roles.get(member=joensuu).role == "liaison"


def test_accounts_are_at_example_and_marked_as_invented_wherever_they_are_listed(network, client):
    assert all(user.email.endswith(".example") for user in User.objects.all())
    client.force_login(User.objects.get(email="ada@network.example"))
    places = Counter(role.member for role in MemberRole.objects.select_related("member"))
    places += Counter(role.office for role in OfficeRole.objects.select_related("office"))
    assert sum(places.values()) == len(PEOPLE) - 1  # Ada administers the network
    for place, people in places.items():
        page = client.get(place.get_absolute_url())
        assert page.text.count("Invented for the demonstration") == people, place


def test_summaries_are_marked_as_made_for_demonstration(network, client):
    client.force_login(User.objects.get(email="jonas@network.example"))  # who reads English
    publication = Publication.objects.get(import_id=LINES[0]["id"])
    assert "This text is a summary made for demonstration" in client.get(publication.get_absolute_url()).text
    assert not Publication.objects.exclude(import_id=None).filter(is_demonstration=False).exists()


def test_uptake_and_saved_list_are_marked_as_invented(network):
    marks = ("Измислен пример", "Keksitty esimerkki", "An invented example")
    assert Uptake.objects.count() == 3
    assert all(uptake.changed.startswith(marks) for uptake in Uptake.objects.all())
    assert Publication.objects.filter(uptake_count=1).get().import_id == "pontevedra-ciudad-peatonal"
    assert BookmarkList.objects.get().name.endswith("(keksitty esimerkki)")


def test_public_page_shows_what_members_have_shown_and_nothing_else(network, client):
    page = client.get(reverse("sharing:public_list")).text
    assert page.count('<article class="card"') == Publication.objects.filter(is_public=True).count() == 5
    entries = Entry.objects.filter(verb="shown_to_public").select_related("by")
    assert {(entry.by.email, entry.object.owner.name_en) for entry in entries} == {
        ("mikko@lahti.example", "Lahti"), ("goran@strumica.example", "Strumica"),
        ("haruka@kamikatsu.example", "Kamikatsu"), ("tom@melbourne.example", "Melbourne"),
        ("aino@joensuu.example", "Joensuu"),
    }  # fmt: skip
    kamikatsu = Publication.objects.get(import_id="kamikatsu-zero-waste")
    hide_from_public(publication=kamikatsu, by=User.objects.get(email="haruka@kamikatsu.example"))
    load_network()
    kamikatsu.refresh_from_db()
    assert not kamikatsu.is_public
    assert "The municipality has not written or approved it." in client.get(
        public_path(Publication.objects.get(import_id="strumica-precistitelna-stanica"))
    ).text  # fmt: skip


def test_mail_of_what_was_decided_before_the_demo_began_does_not_leave(network, smtp):
    """The example is written, approved and translated as if long ago; what waits now is told now."""
    Sender().run()
    told = Counter((message["To"], message["Subject"]) for message in smtp.messages)
    assert [key for key in told if "sadepuutarha" in key[1]] == []
    assert Message.objects.filter(kind="editorial.decision").count() == 2
    assert set(Message.objects.filter(kind="editorial.decision").values_list("state", flat=True)) == {"expired"}
    assert (
        Counter(to for to, _subject in told)["kaisa@network.example"] == 3
    )  # the drafts and the application that wait for her


def test_only_what_a_coordinator_decided_is_called_reviewed(network):
    reviewed = Publication.objects.published().exclude(review_level="none")
    assert [one.title for one in reviewed] == ["Esimerkki: sadepuutarha koulun pihalla"]
    assert reviewed.get().review_level == "coordinator"


def test_every_account_can_sign_in(network, client):
    cache.clear()  # how often one may try to sign in
    for person in PEOPLE:
        form = {"login": person.email, "password": PASSWORD}
        answer = client.post(reverse("account_login"), form, follow=True)
        assert answer.redirect_chain == [("/", 302)], person.email
        assert answer.context["user"].email == person.email
        assert re.search(rf'<html[^>]* lang="{person.language}"', answer.text)
        client.logout()


def test_wrong_password_does_not_sign_in(network, client):
    cache.clear()
    answer = client.post(reverse("account_login"), {"login": PEOPLE[0].email, "password": "we-work-alone"})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
