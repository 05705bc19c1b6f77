"""Translations: who adds and approves them, when they are stale, and which one a reader reads."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from config.journal.models import Entry
from config.outbox.models import Message
from config.outbox.sender import Sender
from practices.editorial import services as editorial
from practices.library.models import Publication
from practices.translations.models import Translation
from practices.translations.services import (
    StaleTranslationError,
    approve_translation,
    save_translation,
    send_back_translation,
)
from practices.translations.texts import stale_names
from tests.factories import MemberFactory, MemberRoleFactory, PublicationFactory, RevisionFactory
from tests.practices.acts import decide, fresh
from tests.threads import at_once

pytestmark = pytest.mark.django_db
PEOPLE = ("alice", "bob", "rita", "carlos", "kaisa", "eva", "xavier", "ada", "nora")


@pytest.fixture
def practice(cast):
    return PublicationFactory(owner=cast.lahti, language="fi", title="Kouluruokaa läheltä", lessons="Aloita pienestä.")


@pytest.fixture
def translated(cast, practice):
    return translate(practice, cast.carlos)


def translate(publication, by, language="es", edition=0, origin="human", **texts):
    texts = {"title": "Comida de cerca", "summary": "Cuarenta escuelas."} | texts
    return save_translation(
        publication=publication, language=language, texts=texts, origin=origin, edition=edition, by=by
    )


def approve(translation, by, edition=None):
    return approve_translation(translation=translation, edition=edition or translation.edition, by=by)


def send_back(translation, by, reason="The names are wrong.", edition=None):
    return send_back_translation(translation=translation, edition=edition or translation.edition, reason=reason, by=by)


def edit_url(publication, language="es"):
    return reverse("translations:translation_edit", args=[publication.pk, language])


# Who -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "may"),
    [("alice", True), ("bob", True), ("rita", False), ("carlos", True), ("kaisa", True), ("eva", True),
     ("xavier", False), ("ada", True), ("nora", False)],
)  # fmt: skip
def test_who_translates(person, may, cast, practice, as_person):
    if may:
        assert translate(practice, getattr(cast, person)).saved_by == getattr(cast, person)
    else:
        with pytest.raises(PermissionDenied):
            translate(practice, getattr(cast, person))
        assert as_person(getattr(cast, person)).get(edit_url(practice)).status_code in {403, 404}


@pytest.mark.parametrize("state", ["unpublished", "archived"])
def test_only_what_is_published_is_translated(state, cast):
    with pytest.raises(PermissionDenied):
        translate(PublicationFactory(owner=cast.lahti, state=state, language="fi"), cast.alice)


@pytest.mark.parametrize(
    ("person", "may"),
    [("alice", True), ("bob", True), ("rita", False), ("carlos", False), ("kaisa", True), ("eva", False),
     ("xavier", False), ("ada", True), ("nora", False)],
)  # fmt: skip
def test_who_approves(person, may, cast, translated):
    by = getattr(cast, person)
    if may:
        approved = approve(translated, by)
        assert (approved.approved_by, approved.is_approved) == (by, True)
    else:
        with pytest.raises(PermissionDenied):
            approve(translated, by)
        with pytest.raises(PermissionDenied):
            send_back(translated, by)


def test_translation_is_seen_by_its_translator_and_who_answers_until_it_is_approved(cast, translated):
    seen = {name for name in PEOPLE if Translation.objects.visible_to(getattr(cast, name)).exists()}
    assert seen == {"alice", "bob", "carlos", "kaisa", "ada"}
    approve(translated, cast.alice)
    seen = {name for name in PEOPLE if Translation.objects.visible_to(getattr(cast, name)).exists()}
    assert seen == set(PEOPLE) - {"nora"}


@pytest.mark.parametrize("state", ["published", "archived"])
@pytest.mark.parametrize("approved", [True, False])
def test_queryset_and_permission_say_the_same(state, approved, cast, translated):
    if approved:
        approve(translated, cast.alice)
    Publication.objects.update(state=state)
    translated = Translation.objects.get()
    for name in PEOPLE:
        person = getattr(cast, name)
        assert Translation.objects.visible_to(person).exists() == person.has_perm(
            "translations.view_translation", translated
        ), name


# What ----------------------------------------------------------------------------------------------------------------


def test_translation_is_kept_with_what_it_was_made_from(cast, translated):
    assert translated.texts == {"title": "Comida de cerca", "summary": "Cuarenta escuelas."}
    assert translated.source["title"] == "Kouluruokaa läheltä"
    assert (translated.origin, translated.edition, translated.is_approved) == ("human", 1, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language": "fi"}, "language"),
        ({"language": "xx"}, "language"),
        ({"origin": "magic"}, "origin"),
        ({"title": "", "summary": " "}, "title"),
        ({"title": "x" * 151}, "title"),
        ({"summary": "a\x00b"}, "summary"),
        ({"lessons": "x" * 20_001}, "lessons"),
    ],
)
def test_bad_translation_is_told_and_not_kept(changes, field, cast, practice):
    with pytest.raises(ValidationError) as caught:
        translate(practice, cast.alice, **changes)
    assert field in caught.value.message_dict
    assert not Translation.objects.exists()


def test_change_of_the_original_makes_it_stale_and_shows_where(cast, as_person, practice, translated):
    approve(translated, cast.alice)
    RevisionFactory(publication=practice, by=cast.bob, reviewer=cast.kaisa, state="approved", cost_amount="5",
                    cost_currency="EUR")  # fmt: skip
    assert stale_names(translated.source, fresh(practice)) == []
    RevisionFactory(publication=fresh(practice), by=cast.bob, reviewer=cast.kaisa, state="approved",
                    title="Kouluruokaa aivan läheltä", what_helped="Kokki.")  # fmt: skip
    assert stale_names(translated.source, fresh(practice)) == ["title", "what_helped"]
    page = as_person(cast.carlos).get(edit_url(practice)).content.decode()
    assert "Kouluruokaa <ins>aivan </ins>läheltä" in page
    shown = as_person(cast.rita).get(f"{practice.get_absolute_url()}?lang=es").content.decode()
    assert "The original has changed since." in shown
    translate(fresh(practice), cast.carlos, edition=1)
    assert stale_names(Translation.objects.get().source, fresh(practice)) == []
    assert not Translation.objects.get().is_approved


def test_later_save_is_told_and_overwrites_nothing(cast, as_person, practice, translated):
    with pytest.raises(StaleTranslationError):
        translate(practice, cast.alice, title="Otra")
    client = as_person(cast.alice)
    answer = client.post(edit_url(practice), {"title": "Otra", "origin": "machine", "edition": "0"})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Somebody saved a newer text meanwhile" in html
    assert "Comida de cerca" in html
    assert 'value="Otra"' in html
    assert Translation.objects.get().texts["title"] == "Comida de cerca"
    answer = client.post(edit_url(practice), {"title": "Otra", "origin": "machine", "edition": "1"})
    assert answer.status_code == 302
    now = Translation.objects.get()
    assert (now.texts, now.origin, now.edition, now.saved_by) == ({"title": "Otra"}, "machine", 2, cast.alice)


def test_what_was_not_read_is_not_approved(cast, translated, practice):
    translate(practice, cast.carlos, edition=1, title="Otra")
    with pytest.raises(StaleTranslationError):
        approve(translated, cast.alice, edition=1)
    approve(Translation.objects.get(), cast.alice)
    with pytest.raises(ValidationError, match="approved already"):
        approve(Translation.objects.get(), cast.alice)


def test_translation_without_title_is_not_approved(cast, practice):
    made = translate(practice, cast.alice, title="")
    with pytest.raises(ValidationError, match="title is not translated"):
        approve(made, cast.alice)


def test_translation_is_sent_back_changed_and_approved(cast, as_person, practice, translated):
    client, url = as_person(cast.alice), reverse("translations:translation_send_back", args=[practice.pk, "es"])
    for reason in ("", " ", "x" * 5001, "a\x00b"):
        answer = client.post(url, {"edition": "1", "reason": reason})
        assert list(answer.context["reason_form"].errors) == ["reason"]
    assert "Comida de cerca" in answer.text  # the page with the translation as it is
    assert client.post(url, {"edition": "7", "reason": "Names."}).url == edit_url(practice)
    assert Translation.objects.get().sent_back_at is None  # another edition than the one that was read
    assert client.post(url, {"edition": "1", "reason": "The *names* are <wrong>."}).url == edit_url(practice)
    now = Translation.objects.get()
    assert (now.sent_back_by, now.sent_back_reason) == (cast.alice, "The *names* are <wrong>.")
    entry = Entry.objects.get(verb="translation_sent_back")
    assert entry.details == {"language": "es", "reason": now.sent_back_reason}
    assert "The <em>names</em> are &lt;wrong&gt;." in as_person(cast.carlos).get(edit_url(practice)).text
    with pytest.raises(ValidationError, match="sent back already"):
        send_back(now, cast.kaisa)
    now = translate(practice, cast.carlos, edition=1, title="Otra")
    assert (now.sent_back_at, now.sent_back_by, now.sent_back_reason) == (None, None, "")
    send_back(now, cast.alice)
    approved = approve(now, cast.kaisa)  # another of those who answer for it sees it otherwise
    assert (approved.is_approved, approved.sent_back_reason) == (True, "")
    with pytest.raises(ValidationError, match="approved already"):
        send_back(approved, cast.alice)


def test_translator_is_told_why_it_came_back_and_that_it_is_approved(cast, practice, translated, smtp, settings):
    Sender().run()
    send_back(translated, cast.alice)
    Sender().run()
    (back,) = smtp.to(cast.carlos.email)
    assert back["Subject"] == "Please change your translation (Spanish): Kouluruokaa läheltä"
    approve(translate(practice, cast.carlos, edition=1), cast.kaisa)
    Sender().run()
    _back, approved = smtp.to(cast.carlos.email)
    assert approved["Subject"] == "Your translation is approved (Spanish): Kouluruokaa läheltä"
    for part in ("plain", "html"):
        text = " ".join(back.get_body((part,)).get_content().split())
        assert "Alice has sent your translation of “Kouluruokaa läheltä” (Lahden kaupunki) back." in text
        assert "The names are wrong." in text
        assert settings.BASE_URL + edit_url(practice) in text
        text = " ".join(approved.get_body((part,)).get_content().split())
        assert "Kaisa has approved your translation of “Kouluruokaa läheltä” (Lahden kaupunki)." in text
        assert f"{settings.BASE_URL}{practice.get_absolute_url()}?lang=es" in text


def test_decision_on_a_translation_is_told_to_nobody_else_and_not_to_oneself(cast, practice):
    own = translate(practice, cast.alice)
    send_back(own, cast.alice)
    approve(own, cast.alice)
    left = translate(practice, cast.carlos, language="sv")
    cast.carlos.is_active = False
    cast.carlos.save()
    approve(Translation.objects.get(pk=left.pk), cast.alice)
    assert not Message.objects.filter(kind__in=["translations.approved", "translations.sent_back"]).exists()


def test_decision_that_holds_no_more_is_not_told(cast, practice, translated, smtp):
    send_back(translated, cast.alice)
    approve(translate(practice, cast.carlos, edition=1), cast.alice)
    translate(practice, cast.carlos, edition=2)
    Sender().run()
    assert smtp.to(cast.carlos.email) == []
    states = Message.objects.exclude(kind="translations.waiting").values_list("kind", "state").order_by("pk")
    assert list(states) == [("translations.sent_back", "suppressed"), ("translations.approved", "suppressed")]


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_make_one(cast, practice):
    done = at_once(*[lambda who=who: translate(practice, who) for who in (cast.alice, cast.carlos)])
    assert sorted(type(one).__name__ for one in done) == ["StaleTranslationError", "Translation"]
    assert Translation.objects.count() == 1


# Reading -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reads", "language", "query", "title"),
    [
        (["es"], "en", "", "Comida de cerca"),
        (["es", "fi"], "en", "", "Kouluruokaa läheltä"),
        ([], "fi", "", "Kouluruokaa läheltä"),
        (["de"], "en", "", "Kouluruokaa läheltä"),
        (["es"], "en", "?lang=fi", "Kouluruokaa läheltä"),
        (["de"], "en", "?lang=es", "Comida de cerca"),
        (["de"], "en", "?lang=xx", "Kouluruokaa läheltä"),
    ],
)
def test_reader_reads_what_they_can_and_may_switch(
    reads, language, query, title, cast, as_person, practice, translated
):
    approve(translated, cast.alice)
    cast.rita.languages_read, cast.rita.language = reads, language
    cast.rita.save()
    html = as_person(cast.rita).get(f"{practice.get_absolute_url()}{query}").content.decode()
    other = "es" if title.startswith("Comida") else "fi"
    assert f'<h1 lang="{other}" dir="auto">{title}</h1>' in html
    assert f"<title>{title} · " in html
    assert "?lang=fi" in html
    assert "?lang=es" in html
    assert "Aloita pienestä." in html  # what is not translated stays in the original


def test_what_is_not_approved_is_read_by_nobody_else(cast, as_person, practice, translated):
    for name, title in (("rita", "Kouluruokaa läheltä"), ("carlos", "Comida de cerca"), ("kaisa", "Comida de cerca")):
        html = as_person(getattr(cast, name)).get(f"{practice.get_absolute_url()}?lang=es").content.decode()
        assert title in html.partition("<h1")[2].partition("</h1>")[0], name


def test_owner_is_told_and_approves(cast, as_person, practice, smtp, client):
    translate(practice, cast.carlos)
    assert {(one.recipient, one.kind) for one in Message.objects.filter(kind="translations.waiting")} == {
        (cast.alice.email, "translations.waiting")
    }
    Sender().run()
    mail = next(one for one in smtp.messages if one["To"] == cast.alice.email)
    assert edit_url(practice) in mail.get_body(("plain",)).get_content()
    answer = as_person(cast.alice).post(
        reverse("translations:translation_approve", args=[practice.pk, "es"]), {"edition": "1"}, follow=True
    )
    assert "Readers see it now." in answer.content.decode()
    assert Translation.objects.get().approved_by == cast.alice


def test_own_translation_is_not_announced_to_oneself(cast, practice):
    Publication.objects.update(responsible=cast.bob)
    translate(fresh(practice), cast.bob)
    assert not Message.objects.filter(kind="translations.waiting").exists()


@pytest.mark.parametrize("number", [1, 3, 30])
def test_page_takes_as_many_queries_for_any_number(number, cast, practice, as_person, django_assert_num_queries):
    from config.kit.countries import CONTENT_LANGUAGES

    languages = [one for one in CONTENT_LANGUAGES if one != "fi"][:number]
    for language in languages:
        approve(translate(practice, cast.alice, language=language), cast.alice)
    client = as_person(cast.rita)
    with django_assert_num_queries(9):
        client.get(practice.get_absolute_url())


def test_members_lose_sight_with_the_publication(cast, practice, translated, as_person):
    approve(translated, cast.alice)
    Publication.objects.update(state="archived")
    stranger = MemberRoleFactory(member=MemberFactory(), role="contributor").user
    assert not Translation.objects.visible_to(stranger).exists()
    assert as_person(stranger).get(edit_url(practice)).status_code == 404


def test_revision_does_not_touch_translations(cast, practice, translated):
    approve(translated, cast.alice)
    revision = RevisionFactory(publication=practice, by=cast.bob, title="Uusi", state="submitted")
    decide(revision, "approved", cast.kaisa, "")
    editorial.revise_publication(publication=fresh(practice), by=cast.bob)
    assert Translation.objects.get().is_approved
