"""What everybody sees without signing in, who decides it, and that nothing else gets out."""

import html
import json
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.files.detection import DOCUMENTS
from config.files.services import store_upload
from config.journal.models import Entry
from practices.library.models import Document, File, Photo, Publication
from practices.library.services import archive_publication, restore_publication
from practices.sharing import services
from practices.sharing.public import public_path
from practices.translations.services import approve_translation, save_translation, send_back_translation
from practices.uptake.services import confirm_uptake, record_uptake
from tests.factories import PublicationFactory
from tests.practices.acts import INDICATORS, PARTNERS, decide, fresh
from tests.uploads import PDF, upload

pytestmark = pytest.mark.django_db
MARKS = "ZZ"  # begins every text that must not get out


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add_photo(publication, licence="CC-BY-4.0", name="street.jpg", position=0):
    blob = store_upload(upload=upload(PDF + name.encode()), allowed=DOCUMENTS)
    file = File.objects.create(publication=publication, blob=blob, name=name)
    Photo.objects.create(
        publication=publication, file=file, position=position, alt=f"Alt of {name}", credit="City", licence=licence
    )
    return file


@pytest.fixture
def public(cast):
    """Return a public practice of Lahti with everything that could leak around it."""
    publication = PublicationFactory(
        owner=cast.lahti, title="Kouluruokaa läheltä", language="fi", by=cast.alice, indicators=INDICATORS,
        partners=PARTNERS, contact_title="Food team", contact_email="food@city.example",
        contact_person="ZZ Person Now", what_went_wrong="ZZ It went wrong.", offer="Call us.", lessons="Start small.",
    )  # fmt: skip
    services.show_to_public(publication=publication, by=cast.alice)
    return fresh(publication)


def page_of(client, publication):
    answer = client.get(public_path(publication))
    assert answer.status_code == 200
    return html.unescape(answer.text)


# Deciding ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_authors_show_and_hide_and_it_is_written_down(person, cast, as_person):
    by = getattr(cast, person)
    publication = PublicationFactory(owner=cast.lahti, contact_title="Food team")
    client = as_person(by)
    url = reverse("sharing:publication_public", args=[publication.pk])
    asked = html.unescape(client.get(url).text)
    assert "Everybody will be able to read it" in asked
    assert "Food team food@city.example" in " ".join(asked.split())
    assert not fresh(publication).is_public

    assert client.post(url, {"shown": "yes"}).url == publication.get_absolute_url()
    assert fresh(publication).is_public
    assert "Everybody can read it now, without signing in" in client.get(url).text
    client.post(url, {"shown": "yes"})  # a second click does nothing
    client.post(url, {"shown": "no"})
    assert not fresh(publication).is_public
    entries = Entry.objects.filter(verb__in=["shown_to_public", "hidden_from_public"]).order_by("pk")
    assert list(entries.values_list("verb", "by", "object_id", "audience")) == [
        ("shown_to_public", by.pk, publication.pk, "nobody"),
        ("hidden_from_public", by.pk, publication.pk, "nobody"),
    ]


@pytest.mark.parametrize("person", ["rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora"])
def test_others_decide_nothing(person, cast, public):
    by = getattr(cast, person)
    for act in (services.hide_from_public, services.show_to_public):
        with pytest.raises(PermissionDenied):
            act(publication=public, by=by)
    assert fresh(public).is_public


@pytest.mark.parametrize("state", ["unpublished", "archived"])
def test_only_what_is_published_can_be_shown(state, cast, as_person):
    publication = PublicationFactory(owner=cast.lahti, state=state)
    with pytest.raises(ValidationError, match="Only what is published"):
        services.show_to_public(publication=publication, by=cast.alice)
    url = reverse("sharing:publication_public", args=[publication.pk])
    client = as_person(cast.alice)
    assert "Only what is published" in client.get(url).text
    assert "Only what is published" in client.post(url, {"shown": "yes"}, follow=True).text
    assert not fresh(publication).is_public


def test_the_page_in_the_network_says_whether_it_is_public(cast, public, as_person):
    client = as_person(cast.alice)
    assert public_path(public) in client.get(public.get_absolute_url()).text
    other = PublicationFactory(owner=cast.lahti)
    assert "Only the network sees this." in client.get(other.get_absolute_url()).text
    text = as_person(cast.carlos).get(other.get_absolute_url()).text
    assert "Show it to the public" not in text


# Reading -------------------------------------------------------------------------------------------------------------


def test_public_page_needs_no_sign_in_and_says_what_other_sites_need(client, public):
    shown = add_photo(public)
    answer = client.get(public_path(public))
    text = html.unescape(answer.text)
    url = f"http://localhost:8000/public/{public.pk}-kouluruokaa-l%C3%A4helt%C3%A4/"
    assert answer.headers["X-Robots-Tag"] == "all"
    assert '<meta name="robots" content="index, follow">' in text
    assert f'<link rel="canonical" href="{url}">' in text
    assert f'<link rel="alternate" hreflang="fi" href="{url}">' in text
    told = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', text))
    expected = {
        "og:type": "article", "og:site_name": "Talkoo", "og:title": public.title, "og:description": public.summary,
        "og:url": url, "og:locale": "fi_FI", "og:image:alt": "Alt of street.jpg",
        "og:image": f"http://localhost:8000{shown.get_absolute_url()}", "twitter:card": "summary_large_image",
        "article:published_time": public.published_at.isoformat(),
    }  # fmt: skip
    assert {name: told.get(name) for name in expected} == expected
    for shown_text in ("Lahden kaupunki", "Meals came from far away.", "54.5", "Farmers' union", "Food team",
                       "food@city.example", "Start small."):  # fmt: skip
        assert shown_text in text
    assert 'lang="fi"' in text


def test_map_has_the_point_and_says_in_words_where_it_is(client, public):
    Publication.objects.filter(pk=public.pk).update(latitude=60.98, longitude=25.66, subdivision="Päijät-Häme")
    page = page_of(client, public)
    assert json.loads(re.search(r'<script type="application/json">(.*?)</script>', page)[1]) == [
        {"lat": 60.98, "lon": 25.66, "label": "Lahden kaupunki"}
    ]
    assert "Lahden kaupunki, Päijät-Häme, Finland</p>" in page
    Publication.objects.filter(pk=public.pk).update(latitude=None, longitude=None)
    page = page_of(client, public)
    assert 'data-country="FI"' in page
    assert "application/json" not in page


def test_address_is_stable_by_its_number(client, public):
    for slug in ("something-else", "x"):
        answer = client.get(reverse("sharing:public_detail", args=[public.pk, slug]))
        assert (answer.status_code, answer.headers["Location"]) == (301, public_path(public))
    Publication.objects.filter(pk=public.pk).update(title="???")
    assert public_path(fresh(public)) == f"/public/{public.pk}-practice/"
    assert client.get(public_path(fresh(public))).status_code == 200


def test_nothing_else_gets_out(client, cast, public, write, as_person):
    """Everything that only the network may know begins with ZZ or is a name of the cast."""
    Publication.objects.filter(pk=public.pk).update(
        archived_reason="ZZ Reason", verified_by=cast.eva, responsible=cast.bob, version=7
    )
    PublicationFactory(owner=cast.lahti, title="ZZ Not public")
    PublicationFactory(owner=cast.pontevedra, title="ZZ Of others")
    write("changes_requested", publication=public, title="ZZ Draft", challenge="ZZ Draft text")
    uptake = record_uptake(
        publication=public, member=cast.pontevedra, state="in_use", since=None, by=cast.carlos,
        facts={"language": "es", "changed": "ZZ Changed", "contact_email": "zz@pontevedra.example"},
    )  # fmt: skip
    confirm_uptake(uptake=uptake, edition=1, by=cast.alice)
    add_photo(public, licence="network", name="ZZ-inside.jpg")
    File.objects.create(
        publication=public, blob=store_upload(upload=upload(PDF), allowed=DOCUMENTS), name="ZZ draft.pdf"
    )
    client.logout()
    addresses = [public_path(public), reverse("sharing:public_list"), reverse("sharing:sitemap")]
    for address in addresses:
        text = re.sub(r'value="\w{64}"', "", html.unescape(client.get(address).text))
        assert MARKS not in text, address
        assert "zz@" not in text
        for name in ("Alice", "Bob", "Rita", "Carlos", "Kaisa", "Eva", "Pontevedra", "Finnish Office"):
            assert re.search(rf"\b{name}\b", text) is None, (address, name)
        assert re.findall(r"[\w.]+@[\w.]+", text) == (["food@city.example"] if address == addresses[0] else [])
    # The same to somebody who is signed in: the page is the public one for everybody.
    assert "It went wrong" not in page_of(as_person(cast.alice), public)


def test_what_became_of_a_project_is_told_only_in_the_network(client, cast):
    from practices.editorial.services import continue_as_practice

    project = PublicationFactory(owner=cast.lahti, kind="project", status="completed", title="ZZ Project")
    revision = continue_as_practice(project=project, by=cast.alice)
    Publication.objects.filter(pk=revision.publication_id).update(
        state="published", published_at=project.published_at, updated_at=project.updated_at, is_public=True
    )
    practice = revision.publication
    Publication.objects.filter(pk=practice.pk).update(title="Practice")
    assert "ZZ Project" not in page_of(client, fresh(practice))


@pytest.mark.parametrize("way", ["archived", "hidden", "never"])
def test_what_is_not_public_is_not_there_even_for_its_authors(way, client, cast, public, as_person):
    photo = add_photo(public)
    if way == "archived":
        archive_publication(publication=public, reason="Over.", by=cast.kaisa)
    elif way == "hidden":
        services.hide_from_public(publication=public, by=cast.bob)
    else:
        public = PublicationFactory(owner=cast.lahti)
    assert client.get(public_path(public)).status_code == 404
    assert public.title not in client.get(reverse("sharing:public_list")).text
    assert public_path(public) not in client.get(reverse("sharing:sitemap")).text
    if way != "never":
        assert client.get(photo.get_absolute_url()).status_code == 302
    assert as_person(cast.alice).get(public_path(public)).status_code == 404
    if way == "archived":
        restore_publication(publication=public, by=cast.kaisa)
        assert client.get(public_path(public)).status_code == 200


def test_photo_for_the_network_is_not_for_everybody(client, cast, public, as_person):
    inside, outside = add_photo(public, licence="network", name="inside.jpg"), add_photo(public)
    document = File.objects.create(
        publication=public, blob=store_upload(upload=upload(PDF), allowed=DOCUMENTS), name="Plan.pdf"
    )
    Document.objects.create(publication=public, file=document, title="Plan", position=0)
    got = {one.name: client.get(one.get_absolute_url()) for one in (inside, outside, document)}
    assert {name: answer.status_code for name, answer in got.items()} == {
        "inside.jpg": 302, "street.jpg": 200, "Plan.pdf": 200,
    }  # fmt: skip
    assert [b"".join(one) for one in got.values() if one.streaming]
    text = page_of(client, public)
    assert ("inside.jpg" in text, "street.jpg" in text, "Plan.pdf" in text) == (False, True, True)
    answer = as_person(cast.carlos).get(inside.get_absolute_url())
    assert answer.status_code == 200
    list(answer)


def test_cover_is_the_first_photo_that_the_reader_may_see(client, cast, public, as_person):
    last = add_photo(public, name="last.jpg", position=3)
    inside = add_photo(public, licence="network", name="inside.jpg", position=1)
    outside = add_photo(public, position=2)
    numbers = [last.pk, inside.pk, outside.pk]

    def covers(answer):
        return [int(pk) for pk in re.findall(r'class="card-cover"\s+src="/files/(\d+)/\?size=small"', answer.text)]

    assert covers(client.get(reverse("sharing:public_list"))) == [numbers[2]]
    assert f'property="og:image" content="http://localhost:8000/files/{numbers[2]}/"' in page_of(client, public)
    reader = as_person(cast.carlos)
    for path in (reverse("search:publication_list"), "/", cast.lahti.get_absolute_url()):
        assert covers(reader.get(path)) == [numbers[1]], path
    Photo.objects.all().delete()
    assert covers(reader.get(reverse("search:publication_list"))) == []


def test_next_version_is_shown_once_it_is_approved(client, cast, public, write):
    revision = write("submitted", publication=public, title="New title")
    assert "New title" not in page_of(client, public)
    decide(revision, "approved", cast.kaisa, "")
    assert "New title" in page_of(client, fresh(public))


# Translations --------------------------------------------------------------------------------------------------------

SPANISH = {"title": "Comida de cerca", "summary": "Cuarenta escuelas.", "lessons": "Empezar *poco* a poco.",
           "what_went_wrong": "ZZ Salió mal."}  # fmt: skip


def translate(publication, by, language="es", approver=None, **texts):
    made = save_translation(
        publication=publication, language=language, texts=SPANISH | texts, origin="machine", edition=0, by=by
    )
    return approve_translation(translation=made, edition=1, by=approver) if approver else made


def links_of(text):
    return dict(re.findall(r'<link\s+rel="alternate"\s+hreflang="([\w-]+)"\s+href="([^"]*)"', text))


def test_approved_translation_is_read_at_an_address_of_its_own(client, cast, public, django_assert_num_queries):
    translate(public, cast.carlos, approver=cast.alice)
    path, full = public_path(public), f"http://localhost:8000{public_path(public)}"
    original, spanish = page_of(client, public), html.unescape(client.get(f"{path}?lang=es").text)
    expected = {"fi": html.unescape(full), "es": f"{html.unescape(full)}?lang=es", "x-default": html.unescape(full)}
    assert links_of(original) == links_of(spanish) == expected
    assert f'<h1 lang="fi" dir="auto">{public.title}</h1>' in original
    assert "Comida de cerca" not in original
    assert '<h1 lang="es" dir="auto">Comida de cerca</h1>' in spanish
    for text in ('<div class="prose" lang="es" dir="ltr">', "Empezar <em>poco</em> a poco.",
                 "Meals came from far away.",  # what is not translated stays as it is
                 "the original is in Finnish.", "Translated by a machine",
                 f'<link rel="canonical" href="{full}?lang=es">', '<meta property="og:title" content="Comida de cerca">',
                 '<meta property="og:locale" content="es_FI">', "<title>Comida de cerca · Talkoo</title>"):  # fmt: skip
        assert text in re.sub(r"\s+", " ", spanish).replace('" >', '">'), text
    assert MARKS not in spanish
    for name in ("Alice", "Carlos"):
        assert name not in spanish
    assert re.findall(r'href="([^"]*)"\s+hreflang="es"\s+aria-current="page"', spanish) == [f"{full}?lang=es"]


@pytest.mark.parametrize("way", ["waiting", "stale", "sent back", "none"])
def test_translation_that_readers_should_not_rely_on_is_not_offered(way, client, cast, public, write):
    if way != "none":
        made = translate(public, cast.carlos, approver=cast.alice if way == "stale" else None)
    if way == "stale":
        decide(write("submitted", publication=public, title="Uusi nimi"), "approved", cast.kaisa, "")
        public = fresh(public)
    elif way == "sent back":
        send_back_translation(translation=made, edition=1, reason="ZZ Wrong.", by=cast.alice)
    text = page_of(client, public)
    assert set(links_of(text)) == {"fi", "x-default"}
    assert ("Comida de cerca" in text, "Languages of this text" in text) == (False, False)
    answer = client.get(f"{public_path(public)}?lang=es")
    assert (answer.status_code, answer.headers["Location"]) == (302, public_path(public))


@pytest.mark.parametrize("lang", ["fi", "xx", "%00", "es%27", "e" * 3000])
def test_any_other_language_leads_to_the_original(lang, client, cast, public):
    translate(public, cast.carlos, approver=cast.alice)
    answer = client.get(f"{public_path(public)}?lang={lang}")
    assert answer.status_code in {302, 400}
    if answer.status_code == 302:
        assert answer.headers["Location"] == public_path(public)


def test_page_takes_as_many_queries_for_one_translation_as_for_three(client, cast, public, django_assert_num_queries):
    for language in ("es", "sv", "de"):
        translate(public, cast.carlos, language=language, approver=cast.alice)
        with django_assert_num_queries(17):
            client.get(f"{public_path(public)}?lang=es")


# Lists and search engines --------------------------------------------------------------------------------------------


def test_list_is_by_pathway_and_in_pages(client, cast, django_assert_num_queries):
    for number in range(21):
        pathway = "resilient" if number == 20 else "circular"
        PublicationFactory(owner=cast.lahti, title=f"Number {number}", pathways=[pathway], facts={"is_public": True})
    url = reverse("sharing:public_list")
    with django_assert_num_queries(5):
        first = client.get(url)
    assert "21 practices and projects" in first.text
    assert first.text.count('<article class="card"') == 20
    assert client.get(f"{url}?page=2").text.count('<article class="card"') == 1
    narrow = client.get(f"{url}?pathway=resilient").text
    assert ("1 practice or project" in narrow, "Number 20" in narrow) == (True, True)
    assert narrow.count('<article class="card"') == 1
    for wrong in ("pathway=nothing", "topic=nothing", "topic=food&pathway=food"):
        assert client.get(f"{url}?{wrong}").status_code == 404


def test_list_is_by_topic_too_and_leads_to_its_feed(client, cast):
    for title, topic in (("Meals", "food"), ("Rain", "water")):
        PublicationFactory(owner=cast.lahti, title=title, topics=[topic], facts={"is_public": True})
    url = reverse("sharing:public_list")
    text = client.get(f"{url}?topic=food&pathway=circular").text
    assert ("Meals" in text, "Rain" in text) == (True, False)
    assert f'href="{url}?pathway=circular"' in text  # takes the topic away
    head, _, body = text.partition("</head>")
    for terms, code in (("topics", "food"), ("pathways", "circular")):
        feed = reverse("sharing:public_feed", args=[terms, code])
        assert [part.count(f'href="{feed}"') for part in (head, body)] == [1, 1]
    assert head.count('type="application/atom+xml"') == 2
    assert ".atom" not in client.get(url).text


def test_page_leads_to_the_feeds_of_its_pathways_and_topics(client, cast):
    publication = PublicationFactory(
        owner=cast.lahti, pathways=["circular", "resilient"], topics=["food"], facts={"is_public": True}
    )
    text = page_of(client, publication)
    head, _, body = text.partition("</head>")
    for terms, code in (("pathways", "circular"), ("pathways", "resilient"), ("topics", "food")):
        feed = reverse("sharing:public_feed", args=[terms, code])
        assert [part.count(f'href="{feed}"') for part in (head, body)] == [1, 1]
    assert text.count(".atom") == 6


def test_search_engines_get_the_public_pages_and_nothing_else(client, cast, public, as_person):
    sitemap = client.get("/sitemap.xml")
    assert re.findall(r"<loc>(.*?)</loc>", sitemap.text) == [f"http://localhost:8000{public_path(public)}"]
    assert f"<lastmod>{public.updated_at:%Y-%m-%d}</lastmod>" in sitemap.text
    assert client.get("/sitemap.xml?p=2").status_code == 404
    robots = client.get("/robots.txt")
    assert robots.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert robots.text.splitlines() == [
        "User-agent: *", "Allow: /public/", "Allow: /feeds/", "Allow: /files/", "Allow: /static/",
        "Allow: /sitemap.xml", "Disallow: /", "Sitemap: http://localhost:8000/sitemap.xml",
    ]  # fmt: skip
    assert client.get(reverse("account_login")).headers["X-Robots-Tag"] == "noindex"
    client = as_person(cast.alice)
    assert client.get(public.get_absolute_url()).headers["X-Robots-Tag"] == "noindex"


def test_public_pages_are_only_read(client, public):
    for address in (public_path(public), reverse("sharing:public_list"), reverse("sharing:robots")):
        assert client.post(address).status_code == 405
