"""Feeds and linked data: what is public for everybody, and for a reader what they may read, at an address of their own."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse

from members.directory.models import MemberRole
from practices.library.models import Publication
from practices.sharing.feeds import feed_token, find_reader
from practices.sharing.public import public_path
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def open_feed(terms="topics", code="food"):
    return reverse("sharing:public_feed", args=[terms, code])


def own_feed(user, terms="topics", code="food"):
    return reverse("sharing:own_feed", args=[feed_token(user), terms, code])


def entries(answer):
    assert answer.status_code == 200
    return ET.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314 - our own


def titles(answer):
    return [entry.findtext(f"{ATOM}title") for entry in entries(answer)]


@pytest.fixture
def shown(cast):
    PublicationFactory(owner=cast.lahti, title="Inside")
    PublicationFactory(owner=cast.lahti, title="Draft", state="unpublished")
    PublicationFactory(owner=cast.lahti, title="Other topic", topics=["water"], facts={"is_public": True})
    return PublicationFactory(
        owner=cast.lahti, title="Bell\x07 & <b>", summary="A < B", pathways=["resilient"], facts={"is_public": True}
    )


def test_open_feed_has_what_is_public(client, shown):
    answer = client.get(open_feed())
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    (entry,) = entries(answer)
    assert entry.findtext(f"{ATOM}title") == "Bell & <b>"
    assert entry.find(f"{ATOM}link").get("href") == f"http://localhost:8000{public_path(shown)}"
    assert entry.findtext(f"{ATOM}id") == f"tag:localhost,{shown.published_at:%Y-%m-%d}:publication/{shown.pk}"
    summary = entry.find(f"{ATOM}summary")
    assert (summary.get("type"), summary.text) == ("html", "A &lt; B")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Lahden kaupunki"
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) == shown.updated_at
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == f"http://localhost:8000{open_feed()}"
    assert titles(client.get(open_feed("pathways", "resilient"))) == ["Bell & <b>"]
    assert titles(client.get(open_feed("pathways", "equitable"))) == []
    for wrong in (("topics", "resilient"), ("pathways", "nothing"), ("goals", "1")):
        assert client.get(open_feed(*wrong)).status_code == 404


def test_entry_keeps_its_name_when_its_title_changes(client, shown):
    before = entries(client.get(open_feed()))[0].findtext(f"{ATOM}id")
    Publication.objects.filter(pk=shown.pk).update(title="Another")
    (entry,) = entries(client.get(open_feed()))
    assert (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}title")) == (before, "Another")


def test_feed_that_has_not_changed_is_not_sent_again(client, shown):
    first = client.get(open_feed())
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        assert client.get(open_feed(), headers=headers).status_code == 304
    Publication.objects.filter(pk=shown.pk).update(title="Another")
    assert client.get(open_feed(), headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_feed_has_the_fifty_newest(client, cast, django_assert_num_queries):
    for number in range(52):
        PublicationFactory(owner=cast.lahti, title=f"Number {number}", facts={"is_public": True})
    with django_assert_num_queries(4):
        found = titles(client.get(open_feed()))
    assert found == [f"Number {number}" for number in range(51, 1, -1)]


def test_own_feed_has_all_that_its_reader_may_read(client, cast, shown):
    answer = client.get(own_feed(cast.rita))
    assert titles(answer) == ["Bell & <b>", "Inside"]
    assert entries(answer)[1].find(f"{ATOM}link").get("href").startswith("http://localhost:8000/publications/")
    assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex", "private, no-cache")
    # Feeds are of what is published, for its authors too.
    assert titles(client.get(own_feed(cast.alice))) == ["Bell & <b>", "Inside"]


@pytest.mark.parametrize("way", ["password", "inactive", "left", "forged", "other"])
def test_own_feed_ends(way, client, cast, shown):
    address = own_feed(cast.rita)
    if way == "password":
        cast.rita.set_password("another long passphrase")
        cast.rita.save()
    elif way == "inactive":
        cast.rita.is_active = False
        cast.rita.save()
    elif way == "left":
        MemberRole.objects.filter(user=cast.rita).delete()
    elif way == "forged":
        address = address.replace(feed_token(cast.rita), feed_token(cast.rita)[:-1])
    else:
        address = address.replace(f"/{cast.rita.pk}-", f"/{cast.alice.pk}-")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["", "1", "-", "x-y", "1-", "9" * 30 + "-x", "\u0661-x", "0-é"])
def test_nonsense_is_nobodys_token(token, cast):
    assert find_reader(token) is None


def test_list_leads_to_the_feeds_of_what_is_chosen(cast, shown, as_person):
    client = as_person(cast.rita)
    text = client.get(reverse("search:publication_list") + "?topic=food").text
    assert (own_feed(cast.rita) in text, open_feed() in text) == (True, True)
    assert f'href="{own_feed(cast.rita)}"' in text.partition("</head>")[0]
    assert feed_token(cast.rita) not in client.get(reverse("search:publication_list")).text


# Linked data ---------------------------------------------------------------------------------------------------------


def test_linked_data_says_what_the_public_page_says(client, cast):
    publication = PublicationFactory(
        owner=cast.lahti, title="Kouluruoka", language="fi", text_licence="CC-BY-4.0", what_went_wrong="ZZ",
        contact_person="ZZ", latitude="60.98", longitude="25.66", subdivision="Päijät-Häme",
        source_url="https://city.example/report", facts={"is_public": True},
    )  # fmt: skip
    page = f"http://localhost:8000{public_path(publication)}"
    url = reverse("sharing:publication_data", args=[publication.pk])
    answer = client.get(url)
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert json.loads(answer.content) == {
        "@context": "https://schema.org", "@type": "Article", "@id": page, "url": page, "headline": "Kouluruoka",
        "abstract": publication.summary, "inLanguage": "fi",
        "author": {"@type": "GovernmentOrganization", "name": "Lahden kaupunki"},
        "publisher": {"@type": "Organization", "name": "Talkoo"},
        "about": [{"@type": "DefinedTerm", "termCode": "circular", "name": "Circular"},
                  {"@type": "DefinedTerm", "termCode": "food", "name": "Food"}],
        "spatialCoverage": {
            "@type": "Place", "name": "Päijät-Häme, Finland",
            "address": {"@type": "PostalAddress", "addressCountry": "FI"},
            "geo": {"@type": "GeoCoordinates", "latitude": 60.98, "longitude": 25.66},
        },
        "license": "https://creativecommons.org/licenses/by/4.0/", "isBasedOn": "https://city.example/report",
        "datePublished": publication.published_at.astimezone(UTC).isoformat(),
        "dateModified": publication.updated_at.astimezone(UTC).isoformat(), "version": 1, "isAccessibleForFree": True,
    }  # fmt: skip
    assert f'href="{url}"' in client.get(public_path(publication)).text


def test_linked_data_of_what_is_not_public_is_for_readers(client, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti)
    url = reverse("sharing:publication_data", args=[publication.pk])
    assert client.get(url).status_code == 302
    data = as_person(cast.carlos).get(url).json()
    assert (data["url"], data["isAccessibleForFree"]) == (
        f"http://localhost:8000/publications/{publication.pk}/", False,
    )  # fmt: skip
