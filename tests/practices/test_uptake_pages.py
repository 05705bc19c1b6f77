"""The pages of uptake: what they show to whom, what they do with bad input, and how much they ask the database."""

import html

import pytest
from django.urls import reverse
from django.utils import timezone

from members.directory.rules import forget_roles
from practices.library.models import Publication
from practices.library.services import archive_publication
from practices.uptake import services
from practices.uptake.models import Uptake
from tests.factories import MemberFactory, MemberRoleFactory, PublicationFactory
from tests.practices.acts import fresh

pytestmark = pytest.mark.django_db

LONG = "x" * 100_000


@pytest.fixture
def original(cast):
    return PublicationFactory(owner=cast.lahti, title="School meals")


@pytest.fixture
def taken(cast, original):
    """Return what Pontevedra said of `original`, in use."""
    facts = {"language": "es", "changed": "Two **streets** <script>alert(1)</script>", "result": "Quieter."}
    return services.record_uptake(
        publication=original, member=cast.pontevedra, state="in_use", since=None, facts=facts, by=cast.carlos
    )


def read(answer):
    return " ".join(html.unescape(answer.text).split())


def record(client, publication, **typed):
    url = reverse("uptake:uptake_record", args=[publication.pk])
    return client.post(url, {"state": "in_use", "language": "en"} | typed)


def edit(client, uptake, **typed):
    data = {"state": "in_use", "language": "es", "edition": uptake.edition} | typed
    return client.post(reverse("uptake:uptake_edit", args=[uptake.pk]), data)


def answer(client, uptake, **typed):
    data = {"answer": "confirm", "edition": uptake.edition} | typed
    return client.post(reverse("uptake:uptake_confirm", args=[uptake.pk]), data)


def make(publication, number, office, **facts):
    for _ in range(number):
        Uptake.objects.create(
            publication=publication, member=MemberFactory(office=office), asked_at=timezone.now(),
            **{"state": "in_use", "language": "en"} | facts,
        )  # fmt: skip


# Reading -------------------------------------------------------------------------------------------------------------


def test_both_pages_list_it_with_what_changed_and_mark_it_as_unconfirmed(cast, original, taken, as_person):
    client = as_person(cast.rita)
    for page, name in (
        (original.get_absolute_url(), "Concello de Pontevedra"),
        (cast.pontevedra.get_absolute_url(), "School meals"),
        (cast.lahti.get_absolute_url(), "Concello de Pontevedra"),
    ):
        text = client.get(page).text
        assert name in text
        assert "Two <strong>streets</strong> &lt;script&gt;" in text
        assert "Not confirmed yet" in text
    services.confirm_uptake(uptake=taken, edition=1, by=cast.alice)
    text = client.get(original.get_absolute_url()).text
    assert ("Confirmed by the owner" in text, "Not confirmed yet" in text) == (True, False)
    assert "In use: 1" in text
    assert "We use this" not in text  # Rita writes for nobody


def test_reason_for_dropping_is_a_lesson_on_the_originals_page(cast, original, taken, as_person):
    services.change_uptake(
        uptake=taken, state="dropped", since=None, facts={"drop_reason": "Nobody cooks on Mondays."}, edition=1,
        by=cast.carlos,
    )  # fmt: skip
    text = as_person(cast.rita).get(original.get_absolute_url()).text
    lessons = text.partition("Lessons of those who stopped")[2]
    assert "Nobody cooks on Mondays." in lessons


def test_own_text_that_is_not_published_yet_does_not_leak(cast, original, taken, as_person):
    secret = PublicationFactory(owner=cast.pontevedra, title="Secret streets", state="unpublished")
    Uptake.objects.update(own_publication=secret)
    for page in (original.get_absolute_url(), cast.pontevedra.get_absolute_url()):
        assert "Secret streets" not in as_person(cast.rita).get(page).text
        assert "Secret streets" in as_person(cast.carlos).get(page).text


def test_archived_original_leaves_the_row_without_its_title(cast, original, taken, as_person):
    archive_publication(publication=original, reason="Over.", by=cast.kaisa)
    for page in (reverse("uptake:my_uptake"), taken.get_absolute_url(), cast.pontevedra.get_absolute_url()):
        text = as_person(cast.carlos).get(page).text
        assert "archived or not" in " ".join(text.split())
        assert "School meals" not in text
    text = as_person(cast.rita).get(cast.pontevedra.get_absolute_url()).text
    assert ("School meals" in text, "Taken up from others" in text) == (False, False)


def test_buttons_are_for_whom_they_work(cast, original, taken, as_person):
    found = {
        name: ("We use this" in text, "Change your record" in text)
        for name in ("rita", "alice", "carlos", "kaisa")
        if (text := as_person(getattr(cast, name)).get(original.get_absolute_url()).text)
    }
    assert found == {
        "rita": (False, False),
        "alice": (False, False),
        "carlos": (False, True),
        "kaisa": (False, False),
    }
    other = PublicationFactory(owner=cast.lahti)
    assert "We use this" in as_person(cast.carlos).get(other.get_absolute_url()).text


# Recording -----------------------------------------------------------------------------------------------------------


def test_form_keeps_what_is_said_with_a_number_as_the_language_writes_it(cast, original, as_person):
    cast.carlos.language = "fi"
    cast.carlos.save()
    client = as_person(cast.carlos)
    sent = record(client, original, cost_amount="12 500,50", cost_currency="eur", changed="Kaksi katua.", language="fi")
    assert (sent.status_code, sent.headers["Location"]) == (302, original.get_absolute_url())
    uptake = Uptake.objects.get()
    assert (str(uptake.cost_amount), uptake.cost_currency, uptake.changed) == ("12500.50", "EUR", "Kaksi katua.")
    assert (uptake.member, uptake.recorded_by, uptake.since) == (cast.pontevedra, cast.carlos, timezone.localdate())


def test_who_writes_for_several_members_chooses_among_those_without_a_record(cast, original, taken, as_person):
    others = [MemberRoleFactory(user=cast.carlos).member for _ in range(2)]
    forget_roles(cast.carlos)
    client = as_person(cast.carlos)
    form = client.get(reverse("uptake:uptake_record", args=[original.pk])).context["form"]
    assert set(form.fields["member"].queryset) == set(others)
    assert "member" in record(client, original).context["form"].errors
    assert "member" in record(client, original, member=cast.lahti.pk).context["form"].errors
    assert record(client, original, member=others[1].pk).status_code == 302
    assert Uptake.objects.exclude(pk=taken.pk).get().member == others[1]


def test_second_record_leads_to_the_first_and_keeps_what_was_typed(cast, original, taken, as_person):
    client = as_person(cast.carlos)
    page = client.get(reverse("uptake:uptake_record", args=[original.pk]))
    assert (page.status_code, page.headers["Location"]) == (302, taken.get_absolute_url())
    sent = record(client, original, changed="Typed meanwhile")
    assert "has a record of this already" in read(sent)
    assert "Typed meanwhile" in read(sent)
    assert taken.get_absolute_url() in sent.text
    assert Uptake.objects.count() == 1


def test_archived_publication_is_refused_with_a_clear_message(cast, original, as_person):
    MemberRoleFactory(user=cast.kaisa, member=cast.pontevedra)
    forget_roles(cast.kaisa)
    archive_publication(publication=original, reason="Over.", by=cast.kaisa)
    client = as_person(cast.kaisa)
    for act in (client.get, client.post):
        page = act(reverse("uptake:uptake_record", args=[original.pk]), follow=True)
        assert "This is archived or not published yet. Nobody can take it up now." in read(page)
    assert "We use this" not in page.text


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("state", "finished", "Select a valid choice. finished is not one of the available choices."),
        ("state", "", "This field is required."),
        ("state", "dropped", None),
        ("since", "soon", "Enter a valid date."),
        ("since", "2999-01-01", "This day cannot be in the future or before 1900."),
        ("since", "0001-01-01", "This day cannot be in the future or before 1900."),
        ("cost_amount", "-5", "Ensure this value is greater than or equal to 0."),
        ("cost_amount", "NaN", "Enter a number."),
        ("cost_amount", "1e400", "Ensure that there are no more than 15 digits in total."),
        ("cost_amount", "5", None),
        ("cost_currency", "EURO", "Three capital letters, for example EUR."),
        ("changed", LONG, "Ensure this value has at most 5000 characters (it has 100000)."),
        ("result", "a\x00b", "Null characters are not allowed."),
        ("drop_reason", "Too dear", None),
        ("contact_email", "food@", "Enter a valid email address."),
        ("contact_title", LONG, "Ensure this value has at most 120 characters (it has 100000)."),
        ("own_publication", "99999999", "Select a valid choice. That choice is not one of the available choices."),
        ("own_publication", "x", "Select a valid choice. That choice is not one of the available choices."),
        ("language", "xx", "Select a valid choice. xx is not one of the available choices."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_bad_value_is_told_beside_its_field_and_kept(name, value, error, cast, original, as_person):
    typed = {"changed": "My own words"} | {name: value}
    sent = record(as_person(cast.carlos), original, **typed)
    expected = {
        ("state", "dropped"): ("drop_reason", "Please say why: others learn from it."),
        ("cost_amount", "5"): ("cost_currency", "Which currency is the cost in?"),
        ("drop_reason", "Too dear"): ("state", "You wrote why you dropped it. Choose that here, or remove the text."),
    }.get((name, value), (name, error))
    assert sent.status_code == 200
    assert sent.context["form"].errors[expected[0]] == [expected[1]]
    assert read(sent).count(expected[1]) >= 2
    assert typed["changed"] in read(sent)
    assert not Uptake.objects.exists()


def test_stale_form_shows_what_is_there_and_a_second_press_replaces_it(cast, taken, as_person):
    client = as_person(cast.carlos)
    edit(client, taken, result="From the first window")
    sent = edit(client, taken, result="From the second window")
    assert "A colleague changed the record meanwhile" in read(sent)
    assert "From the first window" in read(sent)
    assert "From the second window" in read(sent)
    assert fresh(taken).result == "From the first window"
    edition = sent.context["form"]["edition"].value()
    assert edit(client, taken, result="From the second window", edition=edition).status_code == 302
    assert fresh(taken).result == "From the second window"


@pytest.mark.parametrize("edition", ["", "x", "-1", "9" * 5_000, "1\x00"])
def test_form_without_its_edition_changes_nothing(edition, cast, taken, as_person):
    sent = edit(as_person(cast.carlos), taken, result="Other", edition=edition)
    assert sent.status_code == 200
    assert fresh(taken).result == "Quieter."


def test_day_left_over_from_the_state_before_is_not_that_of_the_new_one(cast, taken, as_person):
    Uptake.objects.update(in_use_since="2020-05-01", state="adapting", adapting_since="2019-05-01")
    sent = edit(as_person(cast.carlos), taken, state="in_use", since="2019-05-01")
    assert sent.status_code == 302
    assert fresh(taken).in_use_since == timezone.localdate()


# Answering -----------------------------------------------------------------------------------------------------------


def test_owner_confirms_on_the_page(cast, original, taken, as_person):
    client = as_person(cast.bob)
    assert "School meals" in client.get(reverse("home:home")).text
    assert "1 waits for your confirmation" in read(client.get(reverse("editorial:my_work")))
    assert f"/uptake/{taken.pk}/confirm/" in client.get(reverse("uptake:my_uptake")).text
    assert answer(client, taken).status_code == 302
    assert fresh(taken).confirmed_by == cast.bob
    assert Publication.objects.get(pk=original.pk).uptake_count == 1
    assert "Waiting for you" not in client.get(reverse("home:home")).text


def test_declining_needs_a_reason_that_the_recorder_sees(cast, taken, as_person):
    client = as_person(cast.alice)
    sent = answer(client, taken, answer="decline")
    assert sent.context["form"].errors["reason"] == ["Please say why: the colleague who recorded it reads it."]
    assert answer(client, taken, answer="decline", reason="Which streets?").status_code == 302
    page = as_person(cast.carlos).get(taken.get_absolute_url())
    assert "Which streets?" in page.text
    assert "When you change the record, they are asked again." in page.text


def test_answer_to_a_record_that_changed_meanwhile_is_not_taken(cast, taken, as_person):
    edit(as_person(cast.carlos), taken, state="dropped", drop_reason="Too hot.")
    client = as_person(cast.alice)
    sent = answer(client, taken)
    assert "The record was changed meanwhile. Please read it again before you answer." in read(sent)
    assert "Too hot." in sent.text
    assert fresh(taken).is_waiting
    assert "answer" in answer(client, taken, answer="perhaps").context["form"].errors


# Queries -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3, 30])
@pytest.mark.parametrize(
    ("shown", "queries"),
    [("original", 11), ("list", 7), ("taker", 21), ("given", 7), ("mine", 7)],
)
def test_pages_take_as_many_queries_for_any_number(
    shown, queries, number, cast, original, as_person, django_assert_num_queries
):
    own = PublicationFactory(owner=cast.pontevedra)
    for state in ("in_use", "dropped"):
        make(original, number, cast.bonn, state=state, drop_reason="Why", own_publication=own)
    for row in range(number):
        other = PublicationFactory(owner=cast.lahti, title=f"Other {row}")
        Uptake.objects.create(
            publication=other, member=cast.pontevedra, state="in_use", language="en", asked_at=timezone.now()
        )
    url = {
        "original": original.get_absolute_url(),
        "list": reverse("uptake:publication_uptake", args=[original.pk]),
        "taker": cast.pontevedra.get_absolute_url(),
        "given": reverse("uptake:member_uptake", args=["lahti"]) + "?way=given",
        "mine": reverse("uptake:my_uptake"),
    }[shown]
    client = as_person(cast.rita if shown != "mine" else cast.alice)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


def test_long_list_has_pages(cast, original, as_person):
    make(original, 31, cast.bonn)
    client = as_person(cast.rita)
    assert "Show all" in client.get(original.get_absolute_url()).text.partition('id="uptake"')[2]
    url = reverse("uptake:publication_uptake", args=[original.pk])
    assert len(client.get(url).context["page"]) == 30
    assert len(client.get(url, {"page": 2}).context["page"]) == 1
