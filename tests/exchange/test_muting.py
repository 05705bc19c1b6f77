"""Less of this: from the link in the digest, without signing in, and back again."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from exchange.digests.models import Mute
from exchange.digests.muting import less_url
from exchange.digests.selection import select_for
from practices.library.models import Publication
from practices.library.services import archive_publication


@pytest.fixture
def stranger():
    """A client without cookies that is held to CSRF checks."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def library(cast, publish, subscribe):
    """Four publications and Carlos, who follows nothing."""
    publish(cast.lahti, "Water", topics=["water"])
    publish(cast.lahti, "Water and food", topics=["water", "food"])
    publish(cast.finland, "Food", topics=["food"])
    publish(cast.europe, "Energy", topics=["energy"])
    return subscribe(cast.carlos)


def titles(subscription):
    (selection,) = select_for([subscription], highest=None)
    names = dict(Publication.objects.values_list("pk", "title"))
    return sorted(names[item.publication] for item in selection.items), selection.more


def less(stranger, subscription, title, **what):
    publication = Publication.objects.get(title=title)
    values = {
        "member": f"member:{publication.owner_member_id}",
        "publication": f"publication:{publication.pk}",
    }
    url = less_url(subscription.pk, publication.pk)
    return stranger.post(url, {act: values.get(code, code) for act, code in what.items()})


@pytest.mark.parametrize(
    ("title", "code", "left"),
    [
        ("Water", "publication", ["Energy", "Food", "Water and food"]),
        ("Water", "member", ["Energy", "Food"]),
        ("Water", "topic:water", ["Energy", "Food", "Water and food"]),  # the other one is about food too
        ("Food", "topic:food", ["Energy", "Water", "Water and food"]),
    ],
)
def test_what_is_muted_is_left_out_and_comes_back(library, cast, subscribe, stranger, title, code, left):
    answer = less(stranger, library, title, mute=code)
    assert (answer.status_code, "sessionid" in answer.cookies) == (200, False)
    assert titles(library) == (left, 0)
    assert titles(subscribe(cast.eva))[0] == ["Energy", "Food", "Water", "Water and food"]  # others keep theirs
    less(stranger, library, title, mute=code)
    assert Mute.objects.count() == 1  # a second time changes nothing
    less(stranger, library, title, unmute=code)
    less(stranger, library, title, unmute=code)
    assert titles(library) == (["Energy", "Food", "Water", "Water and food"], 0)


def test_all_topics_of_a_publication_have_to_be_muted(library, stranger):
    less(stranger, library, "Water and food", mute="topic:water")
    less(stranger, library, "Water and food", mute="topic:food")
    assert titles(library) == (["Energy"], 0)


def test_rest_does_not_count_what_is_muted(library, cast, publish, stranger):
    for number in range(10):
        publish(cast.europe, f"Practice {number}", topics=["energy"])
    assert titles(library)[1] == 6
    less(stranger, library, "Water", mute="member")
    assert titles(library)[1] == 4


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing_and_shows_buttons(library, stranger, method):
    answer = getattr(stranger, method)(less_url(library.pk, Publication.objects.get(title="Water").pk))
    assert (answer.status_code, Mute.objects.count()) == (200, 0)
    if method == "get":
        assert re.findall(r'name="(\w+)" value="(\w+):', answer.text) == [
            ("mute", "publication"), ("mute", "member"), ("mute", "topic"),
        ]  # fmt: skip


@pytest.mark.parametrize("code", ["member:999", "topic:energy", "publication:0", "x", ""])
def test_what_is_not_of_the_publication_cannot_be_muted_by_its_link(library, stranger, code):
    assert less(stranger, library, "Water", mute=code).status_code == 404
    assert not Mute.objects.exists()


def test_tampered_link_is_not_found(library, stranger):
    first, second = Publication.objects.order_by("pk")[:2]
    token = less_url(library.pk, first.pk).rstrip("/").rpartition("/")[2]
    signature = token.partition(":")[2]
    for bad in (f"{library.pk}.{second.pk}:{signature}", f"{library.pk + 1}.{first.pk}:{signature}", "x", f"{token}x"):
        assert stranger.get(reverse("digests:less", args=[bad])).status_code == 404


def test_link_shows_nothing_that_its_reader_may_not_read_any_more(library, cast, stranger):
    energy = Publication.objects.get(title="Energy")
    url = less_url(library.pk, energy.pk)
    archive_publication(publication=energy, reason="Wrong", by=cast.ada)
    assert stranger.get(url).status_code == 404
    url = less_url(library.pk, Publication.objects.get(title="Water").pk)
    assert stranger.get(url).status_code == 200
    cast.carlos.member_roles.all().delete()
    assert stranger.get(url).status_code == 404


def test_own_page_lists_what_is_muted_and_takes_it_back(library, cast, stranger, client):
    less(stranger, library, "Water", mute="member")
    less(stranger, library, "Food", mute="topic:food")
    client.force_login(cast.carlos)
    page = client.get(reverse("digests:subscription")).text
    assert "What it leaves out" in page
    mute = Mute.objects.get(member=cast.lahti)
    client.force_login(cast.eva)
    assert client.post(reverse("digests:mute_remove", args=[mute.pk])).status_code == 404
    client.force_login(cast.carlos)
    assert client.post(reverse("digests:mute_remove", args=[mute.pk])).status_code == 302
    assert [one.topic.code for one in Mute.objects.all()] == ["food"]


def test_digest_links_to_it_at_each_item(carlos, deliver, stranger):
    (mail,) = deliver()
    for kind in ("plain", "html"):
        links = re.findall(r"http\S+?/digest/less/[^\s\"<]+", mail.get_body((kind,)).get_content())
        assert len(links) == 1
        assert stranger.get(links[0].replace("http://localhost:8000", "")).status_code == 200


def test_mute_is_of_exactly_one_thing_once(library, cast):
    Mute.objects.create(subscription=library, member=cast.lahti)
    for bad in ({"member": cast.lahti}, {}, {"member": cast.lahti, "publication": Publication.objects.first()}):
        with transaction.atomic(), pytest.raises(IntegrityError):
            Mute.objects.create(subscription=library, **bad)
